/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small SMTP client, blocking, on GnuTLS: delivers the message on standard input to
 * one recipient, secured as the recipient's domain asks for.
 *
 *	send-gnutls [-o name=value]... SENDER RECIPIENT < message
 *
 * -o is a setting of the library, as in danestsd.conf(5); ca_file also holds the
 * authorities for MTA-STS. Exits with 0 (delivered), 75 (try again later) or 70.
 *
 *	cc send-gnutls.c common.c $(pkg-config --cflags --libs danests gnutls)
 */
#include <danests_gnutls.h>

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

enum { TIMEOUT_SECONDS = 30, SERVER_SECONDS = 300, TICKETS = 4 };

struct link {
	int fd;
	gnutls_session_t tls; /* NULL: in the clear */
	char line[1024];      /* the last line of the last reply */
	time_t deadline;      /* of all that is said with this server */
};

struct mail {
	const char *sender, *recipient;
	const char *text;     /* as DATA wants it */
	size_t len;
};

/* ---- Octets ---- */

static ssize_t link_read(struct link *l, char *out, size_t size)
{
	ssize_t n;

	if (l->tls == NULL)
		return read(l->fd, out, size);
	/* TLS 1.3: a session ticket comes in between and is no data; and so comes a time-out,
	 * which is why there is an end to it. */
	for (int tries = 0; tries < TICKETS; tries++) {
		n = gnutls_record_recv(l->tls, out, size);
		if (n != GNUTLS_E_INTERRUPTED && n != GNUTLS_E_AGAIN)
			return n;
	}
	return -1;
}

static bool link_write(struct link *l, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = l->tls == NULL ? write(l->fd, data, len) :
		    gnutls_record_send(l->tls, data, len);

		if (n <= 0 && n != GNUTLS_E_INTERRUPTED)
			return false;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* One line, octet by octet: nothing beyond it is read, so nothing that was sent in the
 * clear can be taken for something that came through TLS. */
static bool read_line(struct link *l)
{
	size_t len = 0;
	char c;

	while (time(NULL) <= l->deadline && link_read(l, &c, 1) == 1) {
		if (c == '\n') {
			l->line[len] = '\0';
			return true;
		}
		if (c != '\r' && len + 1 < sizeof(l->line))
			l->line[len++] = c;
	}
	return false;
}

/* Send a command (NULL: none), read its reply: the code, 0 when there is none within the
 * time that is left for this server. *seen: one of the lines was this keyword. */
static int ask(struct link *l, const char *command, const char *argument, const char *end,
    const char *keyword, bool *seen)
{
	char out[1024];
	int n;

	if (command != NULL) {
		n = snprintf(out, sizeof(out), "%s%s%s\r\n", command, argument, end);
		if (n < 0 || (size_t)n >= sizeof(out) || !link_write(l, out, (size_t)n))
			return 0;
	}
	do {
		if (!read_line(l) || strlen(l->line) < 3 || time(NULL) > l->deadline)
			return 0;
		if (keyword != NULL && strlen(l->line) > 4 &&
		    strcasecmp(l->line + 4, keyword) == 0)
			*seen = true;
	} while (l->line[3] == '-');
	return (int)strtol(l->line, NULL, 10);
}

static int say(struct link *l, const char *command)
{
	return ask(l, command, "", "", NULL, NULL);
}

/* ---- One server ---- */

static bool secure(struct link *l, gnutls_certificate_credentials_t credentials,
    const danests_policy *policy, size_t host, char why[256])
{
	int r = gnutls_init(&l->tls, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);

	if (r == 0)
		r = gnutls_set_default_priority(l->tls);
	if (r == 0)
		r = gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE, credentials);
	if (r == 0 && danests_gnutls_prepare(l->tls, policy, host) != DANESTS_OK)
		r = GNUTLS_E_MEMORY_ERROR;
	if (r == 0) {
		gnutls_transport_set_int(l->tls, l->fd);
		gnutls_handshake_set_timeout(l->tls, TIMEOUT_SECONDS * 1000);
		do
			r = gnutls_handshake(l->tls);
		while (r < 0 && gnutls_error_is_fatal(r) == 0);
	}
	if (r < 0)
		snprintf(why, 256, "%s", gnutls_strerror(r));
	return r >= 0;
}

static bool allowed(const struct danests_host *host, int r,
    const struct danests_verdict *verdict)
{
	if (r != DANESTS_OK) {
		fprintf(stderr, "%s: %s\n", host->name, danests_strerror(r));
		return false;
	}
	fprintf(stderr, "%s: %s%s%s%s%s\n", host->name,
	    verdict->fault != NULL ? verdict->fault->code : danests_need_name(verdict->by),
	    verdict->fault != NULL ? " " : "",
	    verdict->fault != NULL ? verdict->fault->token : "",
	    verdict->reason[0] != '\0' ? ": " : "", verdict->reason);
	return verdict->deliver;
}

/* True when mail may go through this connection. */
static bool negotiate(struct link *l, gnutls_certificate_credentials_t credentials,
    const danests_policy *policy, size_t index, const danests_trust *trust)
{
	const struct danests_host *host = danests_policy_host(policy, index);
	struct danests_verdict verdict;
	bool offered = false;
	char why[256] = "";
	int r;

	if (say(l, NULL) != 220 ||
	    ask(l, "EHLO ", "client.example", "", "STARTTLS", &offered) != 250)
		return false;
	if (!offered || say(l, "STARTTLS") != 220) {
		r = danests_verify_no_tls(policy, host->name,
		    offered ? DANESTS_REFUSED : DANESTS_NOT_OFFERED, l->line, &verdict);
		return allowed(host, r, &verdict);
	}
	if (!secure(l, credentials, policy, index, why)) {
		/* Whatever the policy says: what a failed handshake leaves behind is no
		 * connection to talk over. */
		r = danests_verify_no_tls(policy, host->name, DANESTS_HANDSHAKE, why, &verdict);
		(void)allowed(host, r, &verdict);
		return false;
	}
	r = danests_gnutls_verify(l->tls, policy, trust, host->name, time(NULL), &verdict);
	return allowed(host, r, &verdict) &&
	    ask(l, "EHLO ", "client.example", "", NULL, NULL) == 250;
}

static bool deliver(struct link *l, const struct mail *mail)
{
	return ask(l, "MAIL FROM:<", mail->sender, ">", NULL, NULL) == 250 &&
	    ask(l, "RCPT TO:<", mail->recipient, ">", NULL, NULL) == 250 &&
	    say(l, "DATA") == 354 && link_write(l, mail->text, mail->len) &&
	    say(l, NULL) == 250;
}

static int dial(const char *address, const char *port)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM };
	const struct timeval limit = { .tv_sec = TIMEOUT_SECONDS };
	struct addrinfo *ai;
	int fd;

	if (getaddrinfo(address, port, &hints, &ai) != 0)
		return -1;
	fd = socket(ai->ai_family, ai->ai_socktype, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		if (connect(fd, ai->ai_addr, ai->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(ai);
	return fd;
}

static void hang_up(struct link *l)
{
	if (l->tls != NULL)
		gnutls_deinit(l->tls);
	close(l->fd);
}

/* ---- All servers of the domain, in the order of their preference (RFC 5321 5.1) ---- */

static bool try_host(const danests_policy *policy, size_t index, const danests_trust *trust,
    gnutls_certificate_credentials_t credentials, const struct mail *mail)
{
	const struct danests_host *host = danests_policy_host(policy, index);
	struct danests_answer answer;
	char address[64];
	bool done = false;

	if (danests_policy_need(policy, index) == DANESTS_NEED_WAIT) {
		fprintf(stderr, "%s: %s: %s\n", host->name, host->token, host->reason);
		return false;
	}
	/* The addresses that were looked up along with the rest: what DNSSEC has vouched for
	 * is not asked again. */
	for (size_t i = 0; i < danests_policy_answers(policy); i++) {
		if (!danests_policy_answer(policy, i, &answer) ||
		    strcmp(answer.kind, "ADDR") != 0 || strcmp(answer.name, host->name) != 0)
			continue;
		for (size_t j = 0; j < answer.count && !done; j++) {
			struct link l = {0};

			if (danests_policy_record(policy, i, j, address, sizeof(address)) < 0)
				continue;
			l.fd = dial(address, "25");
			l.deadline = time(NULL) + SERVER_SECONDS;
			if (l.fd < 0)
				continue;
			done = negotiate(&l, credentials, policy, index, trust) &&
			    deliver(&l, mail);
			if (done)
				say(&l, "QUIT");
			hang_up(&l);
		}
	}
	return done;
}

static int send_mail(const danests_policy *policy, const danests_trust *trust,
    gnutls_certificate_credentials_t credentials, const struct mail *mail)
{
	if (danests_policy_level(policy) == DANESTS_LEVEL_DEFER ||
	    danests_policy_no_mail(policy)) {
		fprintf(stderr, "%s: %s: %s\n", mail->recipient, danests_policy_token(policy),
		    danests_policy_reason(policy));
		return EX_TEMPFAIL;
	}
	for (size_t i = 0; i < danests_policy_hosts(policy); i++) {
		if (try_host(policy, i, trust, credentials, mail))
			return EX_OK;
	}
	return EX_TEMPFAIL;
}

int main(int argc, char **argv)
{
	struct common common = {0};
	gnutls_certificate_credentials_t credentials = NULL;
	danests_policy *policy = NULL;
	struct mail mail;
	const char *at;
	int r, status = common_begin(&common, argc, argv, 2,
	    "[-o name=value]... SENDER RECIPIENT < message");

	if (status != EX_OK)
		goto out;
	mail = (struct mail){ argv[optind], argv[optind + 1], common.text, common.len };
	at = strrchr(mail.recipient, '@');
	r = danests_lookup(common.ctx, at != NULL ? at + 1 : "", &policy);
	if (r != DANESTS_OK) {
		fprintf(stderr, "%s: %s\n", mail.recipient, danests_strerror(r));
		status = EX_TEMPFAIL;
	} else if (gnutls_certificate_allocate_credentials(&credentials) != 0) {
		status = EX_OSERR;
	} else {
		status = send_mail(policy, common.trust, credentials, &mail);
	}
out:
	if (credentials != NULL)
		gnutls_certificate_free_credentials(credentials);
	danests_policy_unref(policy);
	common_end(&common);
	return status;
}
