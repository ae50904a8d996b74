/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines as Postfix writes them. */
#include "logwords.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum class class_of(uint64_t domain)
{
	static const struct { unsigned below; enum class class; } table[] = {
		{ 640, TRUSTED }, { 690, UNTRUSTED }, { 800, DANE }, { 880, STS }, { 915, PLAIN },
		{ 950, GREY }, { 965, GONE }, { 990, UNKNOWN_USER }, { 993, BAD_TLSA },
		{ 996, BAD_STS }, { 998, NO_STARTTLS }, { 1000, BOGUS },
	};
	unsigned at = (unsigned)(mix(domain + 77) % 1000);
	size_t i = 0;

	while (at >= table[i].below)
		i++;
	return domain < 8 && table[i].class > STS ? TRUSTED : table[i].class;
}

static const char *domain_name(uint64_t domain)
{
	static const char *const words[] = { "nordwind", "lindenhof", "baker-sons", "rivertown",
		"atelier", "optik", "printworks", "harbour", "clinic", "garten", "archive",
		    "school" };
	static const char *const tops[] = { "com", "net", "org", "de", "co.uk", "nl" };
	static char name[64];

	snprintf(name, sizeof(name), "%s%" PRIu64 ".%s.example", words[domain % 12], domain,
	    tops[mix(domain) % 6]);
	return name;
}

/* Half of the domains are hosted by somebody large. */
static const char *peer(uint64_t domain)
{
	static char text[128];
	uint64_t h = mix(domain + 5);

	if (h % 2 == 0)
		snprintf(text, sizeof(text), "mx%u.hosting%u.example[198.51.%u.%u]:25",
		    (unsigned)(h >> 8) % 4, (unsigned)(h >> 16) % 50, (unsigned)(h >> 16) % 50,
		    (unsigned)(h >> 8) % 4);
	else
		snprintf(text, sizeof(text), "mx.%s[203.0.%u.%u]:25", domain_name(domain),
		    (unsigned)(h >> 8) % 256, (unsigned)(h >> 16) % 256);
	return text;
}

const char *queue_id(const struct message *m)
{
	static char id[16];

	snprintf(id, sizeof(id), "%010" PRIX64, mix(m->number) & UINT64_C(0xffffffffff));
	return id;
}

const char *sender(const struct message *m)
{
	static char text[64];

	snprintf(text, sizeof(text), "user%u@customer%u.example", (unsigned)(mix(m->number) % 900),
	    (unsigned)(mix(m->number + 1) % 40));
	return text;
}

void say_tls(const struct message *m, enum evidence evidence, unsigned pid)
{
	static const char *const words[] = { [TRUSTED] = "Trusted", [UNTRUSTED] = "Untrusted",
		[DANE] = "Verified", [STS] = "Verified", [PLAIN] = NULL, [GREY] = "Trusted",
		[UNKNOWN_USER] = "Trusted", [BAD_TLSA] = "Untrusted", [BAD_STS] = "Untrusted",
		[BOGUS] = NULL };
	enum class class = class_of(m->domain);
	const char *to = peer(m->domain);

	if (class == BAD_TLSA)
		line("postfix/smtp", pid, "server certificate verification failed for %s:"
		    " num=65:no matching DANE TLSA records", to);
	else if (class == BAD_STS)
		line("postfix/smtp", pid, "server certificate verification failed for %s:"
		    " num=62:hostname mismatch", to);
	else if (class == BOGUS)
		line("postfix/smtp", pid, "warning: DANE TLSA lookup problem: Host or domain name"
		    " not found. Name service error for name=_25._tcp.mx.%s type=TLSA: Host not"
		    " found, try again", domain_name(m->domain));
	if (evidence == FEATURE || words[class] == NULL)
		return;
	if (evidence == CERTMATCH && class == DANE)
		line("postfix/smtp", pid, "%s: Matched DANE EE certificate at depth 0: 3 1 1 %016"
		    PRIx64 "%016" PRIx64, to, mix(m->domain), mix(m->domain + 1));
	if (evidence == CERTMATCH && class == STS)
		line("postfix/smtp", pid, "%s: matched peername: mx.%s", to,
		    domain_name(m->domain));
	line("postfix/smtp", pid, "%s TLS connection established to %s: TLSv1.3 with cipher"
	    " TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS"
	    " (2048 bits) server-digest SHA256", words[class], to);
}

/* What came of a try: dsn, status and words; false: it waits. */
static bool try_it(const struct message *m, const char **tls, char *end, size_t size)
{
	static const char *const levels[] = { "may", "may", "dane", "secure", "may:none", "may",
		"may?", "may", "!dane", "!secure", "!dane", "unknown?" };
	enum class class = class_of(m->domain);
	const char *host = peer(m->domain);
	int bare = (int)strlen(host) - 3;

	*tls = levels[class];
	switch (class) {
	case GONE:
		snprintf(end, size, "dsn=4.4.1, status=deferred (connect to %s: Connection timed"
		    " out)", host);
		return false;
	case BAD_TLSA:
	case BAD_STS:
		snprintf(end, size, "dsn=4.7.5, status=deferred (Server certificate not verified)");
		return false;
	case NO_STARTTLS:
		snprintf(end, size, "dsn=4.7.4, status=deferred (TLS is required, but was not"
		    " offered by host %.*s)", bare, host);
		return false;
	case BOGUS:
		snprintf(end, size, "dsn=4.7.5, status=deferred (TLSA lookup error for mx.%s:25)",
		    domain_name(m->domain));
		return false;
	case UNKNOWN_USER:
		snprintf(end, size, "dsn=5.1.1, status=bounced (host %.*s said: 550 5.1.1 <x>:"
		    " Recipient address rejected: User unknown (in reply to RCPT TO command))",
		    bare, host);
		return true;
	default:
		if (class == GREY && m->tries == 0) {
			snprintf(end, size, "dsn=4.2.0, status=deferred (host %.*s said: 450 4.2.0"
			    " <x>: Recipient address rejected: Greylisted (in reply to RCPT TO"
			    " command))", bare, host);
			return false;
		}
		snprintf(end, size, "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as %011" PRIX64
		    ")", mix(m->number + 9) & UINT64_C(0xfffffffffff));
		return true;
	}
}

bool say_delivery(const struct message *m, enum evidence evidence, unsigned pid)
{
	bool none = class_of(m->domain) == BOGUS || class_of(m->domain) == GONE;
	unsigned d = (unsigned)(mix(m->number + 3) % 190);
	char end[512], feature[32] = "";
	const char *tls;
	bool settled = try_it(m, &tls, end, sizeof(end));

	if (evidence == FEATURE)
		snprintf(feature, sizeof(feature), " tls=%s,", tls);
	line("postfix/smtp", pid, "%s: to=<contact%u.%u@%s>, relay=%s, delay=%u.%02u,"
	    " delays=0.0%u/0.0%u/0.%u/0.%u,%s %s", queue_id(m), (unsigned)(mix(m->number) % 5000),
	    m->done, domain_name(m->domain), none ? "none" : peer(m->domain), d / 60, d % 60, d % 9,
	    d % 7, d % 100, d % 40, feature, end);
	return settled;
}

void say_noise(void)
{
	unsigned a = (unsigned)draw(250), pid = 7000 + (unsigned)draw(30);

	switch (draw(8)) {
	case 0:
		line("postfix/postscreen", 811, "CONNECT from [192.0.2.%u]:%u to [198.51.100.7]:25",
		    a, 40000 + 7 * a);
		break;
	case 1:
		line("postfix/postscreen", 811, "PASS OLD [192.0.2.%u]:%u", a, 40000 + 7 * a);
		break;
	case 2:
		line("postfix/smtpd", pid, "Anonymous TLS connection established from"
		    " unknown[192.0.2.%u]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256"
		    " bits) key-exchange X25519 server-signature RSA-PSS (2048 bits)", a);
		break;
	case 3:
		line("postfix/smtpd", pid, "NOQUEUE: reject: RCPT from unknown[192.0.2.%u]: 554"
		    " 5.7.1 <info@customer%u.example>: Relay access denied; from=<a@b.example>"
		    " to=<info@customer%u.example> proto=ESMTP helo=<x>", a, a % 40, a % 40);
		break;
	case 4:
		line("postfix/anvil", 820, "statistics: max connection rate %u/60s for"
		    " (smtpd:192.0.2.%u) at Nov  8 03:12:10", 1 + a % 5, a);
		break;
	case 5:
		line("postfix/smtpd", pid, "warning: hostname host%u.example does not resolve to"
		    " address 192.0.2.%u: Name or service not known", a, a);
		break;
	case 6:
		line("postfix/smtpd", pid, "lost connection after EHLO from unknown[192.0.2.%u]",
		    a);
		break;
	default:
		line("dovecot", 900, "imap-login: Login: user=<user%u>, method=PLAIN,"
		    " rip=192.0.2.%u, lip=198.51.100.7, mpid=%u, TLS, session=<%08x>", a, a, 20000 +
		    a,
		    (unsigned)draw(UINT32_MAX));
		break;
	}
}
