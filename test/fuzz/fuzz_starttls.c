/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole conversation with a server that says what the input says, or with GnuTLS as the
 * server behind STARTTLS, whose octets the input changes. It ends, with words, within all
 * bounds; TLS never begins but behind a 220; what came in the clear behind that is told of
 * and thrown away, so that it changes nothing of the handshake (CVE-2011-0411); and nobody
 * who only makes up octets gets through one.
 *
 * First octet: SERVER, PLAIN, RAW_KEY, SILENT, INJECT. Then pieces for the dialogue: two octets of
 * length, the highest bit being "the next piece comes at once", and that many octets. With
 * SERVER: a plain dialogue, with INJECT one more reply behind the 220, and three octets for
 * each change: where (two), and what.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tools/probe_impl.h"
#include "tools/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SERVER = 1, PLAIN = 2, RAW_KEY = 4, SILENT = 8, INJECT = 16 };

/* Everything of one conversation. The wire comes first: its operations find the rest. */
struct play {
	struct wire wire;
	const uint8_t *data;
	size_t size;
	const struct probe *probe;
	unsigned int mode;
	size_t piece;     /* what is left of this one */
	bool at_once;     /* the next one does not wait */
	bool waiting;     /* for poll */
	struct buf since; /* what the client read since it last spoke in plaintext */
	bool tls;         /* the client has begun */
	gnutls_session_t server;
	struct buf to_client, to_server;
	size_t sent;      /* by the server: changes count from the start */
};

static void check(int holds)
{
	if (!holds)
		abort();
}

/* The input's next piece. false: there is none, or it waits for poll. */
static bool next_piece(struct play *p)
{
	if (p->piece > 0)
		return true;
	if (p->waiting || p->size < 2)
		return false;
	p->piece = (size_t)(p->data[0] & 0x7f) << 8 | p->data[1];
	p->at_once = (p->data[0] & 0x80) != 0;
	p->data += 2;
	p->size -= 2;
	if (p->piece > p->size)
		p->piece = p->size;
	p->waiting = p->piece == 0;
	return p->piece > 0;
}

static ssize_t recv_piece(struct play *p, void *data, size_t size)
{
	size_t n;

	if (!next_piece(p)) {
		errno = EAGAIN;
		/* The end of the input is the end of the connection. */
		return p->size < 2 && (p->mode & SILENT) == 0 ? 0 : -1;
	}
	n = p->piece < size ? p->piece : size;
	memcpy(data, p->data, n);
	p->data += n;
	p->size -= n;
	p->piece -= n;
	p->waiting = p->piece == 0 && !p->at_once;
	return (ssize_t)n;
}

static ssize_t take_from(struct buf *b, void *data, size_t size)
{
	size_t n = b->len < size ? b->len : size;

	if (n == 0) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(data, b->data, n);
	buf_consume(b, n);
	return (ssize_t)n;
}

static ssize_t server_pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	struct play *p = ptr;
	ssize_t n = take_from(&p->to_server, data, size);

	if (n < 0)
		gnutls_transport_set_errno(p->server, EAGAIN);
	return n;
}

static ssize_t server_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct play *p = ptr;
	size_t start = p->to_client.len;

	buf_add(&p->to_client, data, len);
	check(!p->to_client.bad);
	for (size_t i = 0; i + 3 <= p->size; i += 3) {
		size_t at = (size_t)p->data[i] << 8 | p->data[i + 1];

		if (at >= p->sent && at < p->sent + len)
			p->to_client.data[start + at - p->sent] ^= (char)p->data[i + 2];
	}
	p->sent += len;
	return (ssize_t)len;
}

static ssize_t play_recv(struct wire *wire, void *data, size_t size)
{
	struct play *p = (struct play *)wire;
	ssize_t n;

	if ((p->mode & SERVER) == 0) {
		n = recv_piece(p, data, size);
	} else {
		if (p->tls && p->to_client.len == 0)
			gnutls_handshake(p->server);
		n = take_from(&p->to_client, data, size);
	}
	if (n > 0 && !p->tls)
		buf_add(&p->since, data, (size_t)n);
	return n;
}

/* What made the client begin TLS was a reply, 220; whatever else it read is told of. */
static void check_go(struct play *p)
{
	static struct smtp_reply reply;
	size_t took;

	smtp_reply_reset(&reply);
	took = smtp_reply_feed(&reply, p->since.data, p->since.len);
	check(reply.state == SMTP_REPLY_DONE && reply.code == 220);
	check((p->probe->unasked[0] != '\0') == (took < p->since.len));
	check(p->to_client.len == 0);
}

/* The server of this dialogue agrees to everything. */
static void answer(struct play *p, const char *command)
{
	buf_str(&p->to_client, command[0] == 'E' ? "250-x\r\n250 STARTTLS\r\n" :
	    (p->mode & INJECT) != 0 ? "220 go\r\n250 x\r\n" : "220 go\r\n");
}

static ssize_t play_send(struct wire *wire, const void *data, size_t len)
{
	struct play *p = (struct play *)wire;
	const char *text = data;

	check(len > 0);
	if (!p->tls && (uint8_t)text[0] == 22) {
		if ((p->mode & PLAIN) == 0)
			check_go(p);
		p->tls = true;
	}
	if (p->tls) {
		buf_add(&p->to_server, data, len);
		return (ssize_t)len;
	}
	check(len >= 6 && memcmp(text + len - 2, "\r\n", 2) == 0);
	check(memchr(text, '\n', len - 1) == NULL && memchr(text, '\0', len) == NULL);
	buf_reset(&p->since);
	if (p->mode & SERVER)
		answer(p, text);
	return (ssize_t)len;
}

static int play_poll(struct wire *wire, short events, int ms)
{
	struct play *p = (struct play *)wire;

	(void)events;
	(void)ms;
	p->waiting = false;
	if (p->mode & SERVER) {
		if (p->tls && p->to_client.len == 0)
			gnutls_handshake(p->server);
		if (p->to_client.len > 0)
			return 1;
	} else if (p->size >= 2 || p->piece > 0 || (p->mode & SILENT) == 0) {
		return 1;
	}
	wire->deadline = 0;
	return 0;
}

static const struct wire_ops play_ops = { play_recv, play_send, play_poll };

/* One certificate for all inputs. */
static gnutls_certificate_credentials_t server_credentials(void)
{
	static gnutls_certificate_credentials_t credentials;
	static gnutls_x509_privkey_t key;
	static gnutls_x509_crt_t crt;

	if (credentials != NULL)
		return credentials;
	check(gnutls_x509_privkey_init(&key) == 0 && gnutls_x509_crt_init(&crt) == 0);
	check(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0);
	check(gnutls_x509_crt_set_version(crt, 3) == 0 && gnutls_x509_crt_set_key(crt, key) == 0);
	check(gnutls_x509_crt_set_serial(crt, "\1", 1) == 0);
	check(gnutls_x509_crt_set_activation_time(crt, 0) == 0);
	check(gnutls_x509_crt_set_expiration_time(crt, 2000000000) == 0);
	check(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0) == 0);
	check(gnutls_certificate_allocate_credentials(&credentials) == 0);
	check(gnutls_certificate_set_x509_key(credentials, &crt, 1, key) == 0);
	return credentials;
}

static void start_server(struct play *p)
{
	check(gnutls_init(&p->server, GNUTLS_SERVER | GNUTLS_NONBLOCK) == 0);
	check(gnutls_set_default_priority(p->server) == 0);
	check(gnutls_credentials_set(p->server, GNUTLS_CRD_CERTIFICATE, server_credentials()) == 0);
	gnutls_transport_set_ptr(p->server, p);
	gnutls_transport_set_pull_function(p->server, server_pull);
	gnutls_transport_set_push_function(p->server, server_push);
	buf_str(&p->to_client, (p->mode & PLAIN) != 0 ? "" : "220 x\r\n");
}

static void check_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	check(len < size);
	for (size_t i = 0; i < len; i++)
		check(text[i] >= ' ' && text[i] <= '~');
}

static void check_probe(const struct play *p, const struct probe *probe)
{
	size_t bytes = 0;

	check_text(probe->said, sizeof(probe->said));
	check_text(probe->greeting, sizeof(probe->greeting));
	check_text(probe->unasked, sizeof(probe->unasked));
	check(probe->unasked[0] == '\0' || (!probe->plain_tls && probe->stage >= PROBE_TLS));
	check_text(probe->tls, sizeof(probe->tls));
	check((probe->stage == PROBE_DONE) == (probe->end == PROBE_OK));
	check((probe->end == PROBE_OK) == (probe->said[0] == '\0'));
	check(probe->end != PROBE_LOCAL);
	check(probe->count <= PROBE_CHAIN && probe->count <= probe->sent);
	for (size_t i = 0; i < probe->count; i++)
		bytes += probe->chain[i].len;
	check(bytes <= PROBE_CHAIN_BYTES);
	check(probe->end != PROBE_OK || (probe->count > 0 && probe->tls[0] != '\0'));
	check(probe->stage < PROBE_TLS || p->tls || probe->end != PROBE_OK);
	if ((p->mode & SERVER) == 0)
		check(probe->stage != PROBE_DONE && probe->count == 0);
	else if (p->size < 3)
		check(probe->end == PROBE_OK && probe->count == 1 &&
		    (probe->unasked[0] != '\0') == ((p->mode & (INJECT | PLAIN)) == INJECT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play p = { .wire = { .ops = &play_ops, .fd = -1 } };
	struct probe probe = { .helo = "client.example", .sni = "mx.example" };

	if (size == 0)
		return 0;
	p.probe = &probe;
	p.mode = data[0];
	p.data = data + 1;
	p.size = size - 1;
	p.wire.deadline = clock_mono_ms() + 3600 * 1000;
	probe.plain_tls = (p.mode & PLAIN) != 0;
	probe.raw_key = (p.mode & RAW_KEY) != 0;
	if (p.mode & SERVER)
		start_server(&p);
	probe_talk(&probe, &p.wire);
	check_probe(&p, &probe);
	probe_free(&probe);
	gnutls_deinit(p.server);
	buf_free(&p.since);
	buf_free(&p.to_client);
	buf_free(&p.to_server);
	return 0;
}
