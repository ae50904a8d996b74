/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handshake, and the certificates as they were sent. Whoever shows anything is heard:
 * nothing is verified here, and old versions and weak algorithms are taken as Postfix takes
 * them, for the caller to tell of (U15, U16).
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/probe_impl.h"

struct handshake {
	struct probe *probe;
	struct wire *wire;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	unsigned char first[48]; /* octets that came */
	size_t first_len;
};

/* COMPAT: a certificate whose key usage does not fit, and other old slips, are no reason to
 * learn nothing; other senders go on then, too. */
#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:" \
	"+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1:%PROFILE_VERY_WEAK:%COMPAT"
enum { WARNINGS = 8 }; /* of one handshake: GnuTLS itself gives up after 16 */
#define RAW_KEY ":+CTYPE-SRV-RAWPK"

static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	struct handshake *h = ptr;
	size_t n = wire_take(h->wire, data, size), room = sizeof(h->first) - h->first_len;

	if (n == 0 && h->wire->state != WIRE_CLOSED) {
		gnutls_transport_set_errno(h->session, h->wire->state == WIRE_OPEN ? EAGAIN : EIO);
		return -1;
	}
	if (n > 0 && room > 0) {
		room = n < room ? n : room;
		memcpy(h->first + h->first_len, data, room);
		h->first_len += room;
	}
	return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct handshake *h = ptr;
	size_t n = wire_give(h->wire, data, len);

	if (n > 0)
		return (ssize_t)n;
	gnutls_transport_set_errno(h->session, EAGAIN);
	return -1;
}

static bool set_priority(gnutls_session_t session, bool raw_key)
{
	const char *wanted = raw_key ? PRIORITY RAW_KEY : PRIORITY;

	/* Where a library is built without some of that, its own defaults have to do. */
	return gnutls_priority_set_direct(session, wanted, NULL) == 0 ||
	    gnutls_priority_set_direct(session, "NORMAL", NULL) == 0;
}

static bool set_up(struct handshake *h)
{
	const char *sni = h->probe->sni;
	unsigned int flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS;

	if (h->probe->raw_key)
		flags |= GNUTLS_ENABLE_RAWPK;
	if (gnutls_init(&h->session, flags) != 0) {
		h->session = NULL;
		return false;
	}
	if (gnutls_certificate_allocate_credentials(&h->credentials) != 0) {
		h->credentials = NULL;
		return false;
	}
	if (gnutls_credentials_set(h->session, GNUTLS_CRD_CERTIFICATE, h->credentials) != 0 ||
	    !set_priority(h->session, h->probe->raw_key))
		return false;
	if (sni != NULL && sni[0] != '\0' &&
	    gnutls_server_name_set(h->session, GNUTLS_NAME_DNS, sni, strlen(sni)) != 0)
		return false;
	gnutls_handshake_set_max_packet_length(h->session, PROBE_HANDSHAKE_BYTES);
	gnutls_transport_set_ptr(h->session, h);
	gnutls_transport_set_pull_function(h->session, pull);
	gnutls_transport_set_push_function(h->session, push);
	return true;
}

/* One step of GnuTLS wants octets, or room for them. */
static bool wait_for(struct handshake *h)
{
	return wire_wait(h->wire, gnutls_record_get_direction(h->session) ? POLLOUT : POLLIN);
}

/* Record type and major version: 20..24 and 3. Of one octet nothing can be told. */
static bool is_tls(const struct handshake *h)
{
	if (h->first_len > 0 && (h->first[0] < 20 || h->first[0] > 24))
		return false;
	return h->first_len < 2 || h->first[1] == 3;
}

static void alerted(struct handshake *h)
{
	gnutls_alert_description_t alert = gnutls_alert_get(h->session);
	const char *name = gnutls_alert_get_name(alert);

	probe_ends(h->probe, PROBE_FAILED, "TLS alert %d from the server: %s", (int)alert,
	    name != NULL ? name : "unknown");
}

static const struct {
	int error;
	enum probe_end end;
	const char *words; /* NULL: those of GnuTLS */
} faults[] = {
	{ GNUTLS_E_HANDSHAKE_TOO_LARGE, PROBE_GARBAGE,
	    "certificates, or another TLS message, of more than 256 KiB" },
	{ GNUTLS_E_WARNING_ALERT_RECEIVED, PROBE_GARBAGE, "TLS warnings without an end" },
	{ GNUTLS_E_TOO_MANY_EMPTY_PACKETS, PROBE_GARBAGE, "empty TLS records without an end" },
	{ GNUTLS_E_MEMORY_ERROR, PROBE_LOCAL, "out of memory" },
	{ GNUTLS_E_RANDOM_FAILED, PROBE_LOCAL, "no random numbers" },
	{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET, PROBE_FAILED,
	    "the server chose a version of TLS that is not supported" },
	{ GNUTLS_E_NO_CERTIFICATE_FOUND, PROBE_FAILED, "the server sent no certificate" },
	{ GNUTLS_E_UNEXPECTED_PACKET_LENGTH, PROBE_GARBAGE, NULL },
	{ GNUTLS_E_RECORD_OVERFLOW, PROBE_GARBAGE, NULL },
};

/* GnuTLS read no more than it takes to see that. */
static void is_no_tls(struct handshake *h)
{
	char text[sizeof(h->first) + 1];

	h->first_len += wire_take(h->wire, h->first + h->first_len,
	    sizeof(h->first) - h->first_len);
	probe_quote(text, sizeof(text), (const char *)h->first, h->first_len);
	probe_ends(h->probe, PROBE_GARBAGE, "no TLS: \"%s\"", text);
}

static void failed(struct handshake *h, int error)
{
	const char *words = NULL;
	size_t i = 0;

	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		alerted(h);
		return;
	}
	if (!is_tls(h)) {
		is_no_tls(h);
		return;
	}
	if (h->wire->state != WIRE_OPEN) {
		probe_lost(h->probe, h->wire);
		return;
	}
	while (i < COUNT_OF(faults) && faults[i].error != error)
		i++;
	if (i < COUNT_OF(faults))
		words = faults[i].words;
	probe_ends(h->probe, i < COUNT_OF(faults) ? faults[i].end : PROBE_FAILED, "%s%s",
	    words == NULL ? "TLS failed: " : "", words == NULL ? gnutls_strerror(error) : words);
}

/* A warning of the server ("unrecognized name") is no end. */
static bool shake_hands(struct handshake *h)
{
	unsigned int warnings = 0;
	int error;

	while ((error = gnutls_handshake(h->session)) != 0) {
		if (gnutls_error_is_fatal(error))
			break;
		if (error == GNUTLS_E_AGAIN && !wait_for(h))
			break;
		if (error == GNUTLS_E_WARNING_ALERT_RECEIVED && ++warnings > WARNINGS)
			break;
	}
	if (error == 0)
		return true;
	failed(h, error);
	/* For the log of the server. */
	gnutls_alert_send_appropriate(h->session, error);
	return false;
}

bool probe_keep(struct probe *probe, const struct danests_der *certs, size_t count)
{
	size_t keep = 0, bytes = 0;
	unsigned char *at;

	while (keep < count && keep < PROBE_CHAIN && certs[keep].len <= PROBE_CHAIN_BYTES - bytes)
		bytes += certs[keep++].len;
	at = malloc(bytes > 0 ? bytes : 1);
	if (at == NULL)
		return false;
	probe->block = at;
	probe->sent = count;
	probe->count = keep;
	for (size_t i = 0; i < keep; i++) {
		if (certs[i].len > 0)
			memcpy(at, certs[i].data, certs[i].len);
		probe->chain[i] = (struct danests_der){ at, certs[i].len };
		at += certs[i].len;
	}
	return true;
}

static void take_chain(struct handshake *h)
{
	struct danests_der certs[PROBE_CHAIN];
	unsigned int count = 0;
	const gnutls_datum_t *list = gnutls_certificate_get_peers(h->session, &count);

	if (list == NULL || count == 0) {
		probe_ends(h->probe, PROBE_FAILED, "the server sent no certificate");
		return;
	}
	for (size_t i = 0; i < count && i < PROBE_CHAIN; i++)
		certs[i] = (struct danests_der){ list[i].data, list[i].size };
	if (!probe_keep(h->probe, certs, count < PROBE_CHAIN ? count : PROBE_CHAIN)) {
		probe_ends(h->probe, PROBE_LOCAL, "out of memory");
		return;
	}
	h->probe->sent = count;
	h->probe->got_raw_key =
	    gnutls_certificate_type_get2(h->session, GNUTLS_CTYPE_SERVER) == GNUTLS_CRT_RAWPK;
	h->probe->stage = PROBE_DONE;
}

/* "TLS1.3" as GnuTLS writes it, "TLS 1.3" as the RFC does. */
static void describe(struct handshake *h)
{
	const char *version = gnutls_protocol_get_name(gnutls_protocol_get_version(h->session));
	const char *group = gnutls_group_get_name(gnutls_group_get(h->session));
	const char *cipher = gnutls_cipher_get_name(gnutls_cipher_get(h->session));
	bool tls = version != NULL && strncmp(version, "TLS", 3) == 0;

	if (group == NULL)
		group = gnutls_kx_get_name(gnutls_kx_get(h->session));
	text_format(h->probe->tls, sizeof(h->probe->tls), "%s%s, %s, %s", tls ? "TLS " : "",
	    version == NULL ? "unknown" : tls ? version + 3 : version,
	    group != NULL ? group : "unknown", cipher != NULL ? cipher : "unknown");
}

/* Sends all of it, or as much as the deadline lets it. */
static bool send_line(struct handshake *h, const char *line)
{
	ssize_t n;

	do
		n = gnutls_record_send(h->session, line, strlen(line));
	while (n == GNUTLS_E_AGAIN && wait_for(h));
	return n > 0;
}

/* Of the client; other alerts may be a clumsy way to close. */
static bool is_refusal(gnutls_alert_description_t alert)
{
	static const gnutls_alert_description_t refusals[] = {
		GNUTLS_A_HANDSHAKE_FAILURE, GNUTLS_A_BAD_CERTIFICATE,
		GNUTLS_A_UNSUPPORTED_CERTIFICATE, GNUTLS_A_CERTIFICATE_UNKNOWN,
		GNUTLS_A_UNKNOWN_CA, GNUTLS_A_ACCESS_DENIED, GNUTLS_A_CERTIFICATE_REQUIRED,
	};
	size_t i = 0;

	while (i < COUNT_OF(refusals) && refusals[i] != alert)
		i++;
	return i < COUNT_OF(refusals);
}

/*
 * QUIT, and what comes back. In TLS 1.3 a server judges the client only after the client
 * thinks that all went well: one that insists on a certificate from it says so here.
 */
static void part(struct handshake *h)
{
	gnutls_session_t session = h->session;
	char reply[1024];
	ssize_t n;

	if (!send_line(h, "QUIT\r\n"))
		return;
	for (;;) {
		n = gnutls_record_recv(session, reply, sizeof(reply));
		if (n == GNUTLS_E_FATAL_ALERT_RECEIVED && is_refusal(gnutls_alert_get(session))) {
			h->probe->stage = PROBE_TLS;
			alerted(h);
		}
		if (n == GNUTLS_E_AGAIN ? !wait_for(h) : n != GNUTLS_E_WARNING_ALERT_RECEIVED)
			break;
	}
}

void probe_tls(struct probe *probe, struct wire *wire)
{
	struct handshake h = { .probe = probe, .wire = wire };

	probe->stage = PROBE_TLS;
	if (!set_up(&h)) {
		probe_ends(probe, PROBE_LOCAL,
		    "TLS could not be set up: memory, or the name for SNI");
	} else if (shake_hands(&h)) {
		describe(&h);
		take_chain(&h);
	}
	if (probe->stage == PROBE_DONE) {
		wire_is_known(wire);
		if (!probe->plain_tls)
			part(&h);
		gnutls_bye(h.session, GNUTLS_SHUT_WR);
	}
	if (h.session != NULL)
		gnutls_deinit(h.session);
	if (h.credentials != NULL)
		gnutls_certificate_free_credentials(h.credentials);
}
