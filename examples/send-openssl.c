/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small SMTP client in an event loop, on OpenSSL: delivers the message on standard
 * input to any number of recipients at the same time, each secured as its domain asks
 * for. No call blocks.
 *
 *	send-openssl [-o name=value]... SENDER RECIPIENT... < message
 *
 * -o as for send-gnutls. A line per recipient; exits with 0 when all have it, else 75.
 *
 *	cc send-openssl.c common.c $(pkg-config --cflags --libs danests openssl)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "common.h"

enum { MAX_CHAIN = 16, STEPS = 64, TIMEOUT_SECONDS = 30, SMTP_PORT = 25 };

/* Where a delivery stands, named by what it waits for. */
enum step { LOOKUP, CONNECT, GREETING, EHLO, STARTTLS, HANDSHAKE, EHLO_AGAIN, MAIL, RCPT, DATA,
	    ACCEPTED, DONE, FAILED };

struct job {
	const char *recipient;
	danests_policy *policy;
	enum step step;
	size_t host, answer, record;  /* the server that is tried; the next address of it */
	int fd;
	SSL *ssl;
	short events;                 /* what poll(2) is to wait for */
	time_t deadline;
	bool offered;                 /* STARTTLS */
	char in[1024], out[1024];
	size_t in_len, out_at, out_len;
	const char *body;             /* what is left of the message */
	size_t body_len;
};

static struct {
	struct common common;
	SSL_CTX *tls;
	const char *sender;
} all;

/* ---- One address after the other, one host after the other ---- */

static void drop(struct job *job)
{
	SSL_free(job->ssl);
	job->ssl = NULL;
	if (job->fd >= 0)
		close(job->fd);
	job->fd = -1;
	job->in_len = job->out_at = job->out_len = job->body_len = 0;
	job->offered = false;
}

static bool dial(struct job *job, const char *text)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(SMTP_PORT) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(SMTP_PORT) };
	bool is_v4 = inet_pton(AF_INET, text, &v4.sin_addr) == 1;
	int r;

	if (!is_v4 && inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
		return false;
	job->fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
	if (job->fd < 0 || fcntl(job->fd, F_SETFL, O_NONBLOCK) != 0)
		return false;
	r = is_v4 ? connect(job->fd, (struct sockaddr *)&v4, sizeof(v4)) :
	    connect(job->fd, (struct sockaddr *)&v6, sizeof(v6));
	return r == 0 || errno == EINPROGRESS;
}

/* The next address that was looked up for this host; false when there is none left. */
static bool next_address(struct job *job, const struct danests_host *host)
{
	struct danests_answer answer;
	char text[64];

	for (; danests_policy_answer(job->policy, job->answer, &answer); job->answer++) {
		if (strcmp(answer.kind, "ADDR") != 0 || strcmp(answer.name, host->name) != 0)
			continue;
		while (job->record < answer.count) {
			drop(job);
			if (danests_policy_record(job->policy, job->answer, job->record++, text,
			    sizeof(text)) > 0 && dial(job, text))
				return true;
		}
		job->record = 0;
	}
	return false;
}

static void next_server(struct job *job)
{
	drop(job);
	for (; job->host < danests_policy_hosts(job->policy); job->host++) {
		const struct danests_host *host = danests_policy_host(job->policy, job->host);

		if (danests_policy_need(job->policy, job->host) == DANESTS_NEED_WAIT)
			fprintf(stderr, "%s: %s: %s\n", host->name, host->token, host->reason);
		else if (next_address(job, host)) {
			job->step = CONNECT;
			job->events = POLLOUT;
			job->deadline = time(NULL) + TIMEOUT_SECONDS;
			return;
		}
		job->answer = job->record = 0;
	}
	drop(job);
	job->step = FAILED;
}

/* ---- The verdict ---- */

static bool allowed(const struct job *job, int r, const struct danests_verdict *verdict)
{
	const char *name = danests_policy_host(job->policy, job->host)->name;

	if (r != DANESTS_OK)
		fprintf(stderr, "%s: %s\n", name, danests_strerror(r));
	else if (verdict->fault != NULL)
		fprintf(stderr, "%s: %s %s: %s\n", name, verdict->fault->code,
		    verdict->fault->token, verdict->reason);
	else
		fprintf(stderr, "%s: %s: %s\n", name, danests_need_name(verdict->by),
		    verdict->reason);
	return r == DANESTS_OK && verdict->deliver;
}

static bool in_the_clear(const struct job *job, enum danests_no_tls why, const char *said)
{
	struct danests_verdict verdict;
	int r = danests_verify_no_tls(job->policy,
	    danests_policy_host(job->policy, job->host)->name, why, said, &verdict);

	/* What a failed handshake leaves behind is no connection to talk over. */
	return allowed(job, r, &verdict) && why != DANESTS_HANDSHAKE;
}

static bool verified(const struct job *job)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(job->ssl);
	struct danests_der ders[MAX_CHAIN];
	unsigned char *data[MAX_CHAIN] = {0};
	struct danests_verdict verdict;
	int r = DANESTS_EINVAL, n, count = 0;

	for (int i = 0; chain != NULL && i < sk_X509_num(chain) && i < MAX_CHAIN; i++) {
		n = i2d_X509(sk_X509_value(chain, i), &data[i]);
		if (n < 0)
			break;
		ders[count++] = (struct danests_der){ data[i], (size_t)n };
	}
	if (count > 0)
		r = danests_verify(job->policy, all.common.trust,
		    danests_policy_host(job->policy, job->host)->name, ders, (size_t)count,
		    time(NULL), &verdict);
	for (int i = 0; i < MAX_CHAIN; i++)
		OPENSSL_free(data[i]);
	return allowed(job, r, &verdict);
}

/* ---- The dialogue ---- */

static void say(struct job *job, enum step then, const char *command, const char *argument,
    const char *end)
{
	int n = snprintf(job->out, sizeof(job->out), "%s%s%s\r\n", command, argument, end);

	job->out_at = 0;
	job->out_len = n > 0 && (size_t)n < sizeof(job->out) ? (size_t)n : 0;
	job->step = job->out_len > 0 ? then : FAILED;
}

static bool shake_hands(struct job *job)
{
	/* Nothing that came in the clear may count as said through TLS. */
	if (job->in_len > 0)
		return false;
	job->ssl = SSL_new(all.tls);
	if (job->ssl == NULL || SSL_set_fd(job->ssl, job->fd) != 1 ||
	    SSL_set_tlsext_host_name(job->ssl, danests_policy_sni(job->policy, job->host)) != 1)
		return false;
	SSL_set_connect_state(job->ssl);
	job->step = HANDSHAKE;
	return true;
}

/* The last line of a reply has come. False: not through this server. */
static bool on_reply(struct job *job, int code, const char *line)
{
	switch (job->step) {
	case GREETING:
		say(job, EHLO, "EHLO ", "client.example", "");
		return code == 220;
	case EHLO:
		if (code == 250 && job->offered) {
			say(job, STARTTLS, "STARTTLS", "", "");
			return true;
		}
		if (code != 250 || !in_the_clear(job, DANESTS_NOT_OFFERED, NULL))
			return false;
		say(job, MAIL, "MAIL FROM:<", all.sender, ">");
		return true;
	case STARTTLS:
		if (code == 220)
			return shake_hands(job);
		if (!in_the_clear(job, DANESTS_REFUSED, line))
			return false;
		say(job, MAIL, "MAIL FROM:<", all.sender, ">");
		return true;
	case EHLO_AGAIN:
		say(job, MAIL, "MAIL FROM:<", all.sender, ">");
		return code == 250;
	case MAIL:
		say(job, RCPT, "RCPT TO:<", job->recipient, ">");
		return code == 250;
	case RCPT:
		say(job, DATA, "DATA", "", "");
		return code == 250;
	case DATA:
		job->body = all.common.text;
		job->body_len = all.common.len;
		job->step = ACCEPTED;
		return code == 354;
	case ACCEPTED:
		job->step = DONE;
		return code == 250;
	default:
		return false;
	}
}

/* What OpenSSL or the socket wants before it can go on; false when it cannot. */
static bool waits(struct job *job, int r, short events)
{
	int want = job->ssl != NULL ? SSL_get_error(job->ssl, r) : SSL_ERROR_SYSCALL;

	if (job->ssl == NULL && (errno == EAGAIN || errno == EINTR))
		want = events == POLLIN ? SSL_ERROR_WANT_READ : SSL_ERROR_WANT_WRITE;
	job->events = want == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
	return want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE;
}

static int put(struct job *job, const char *data, size_t len)
{
	errno = 0;
	ERR_clear_error();
	return job->ssl != NULL ? SSL_write(job->ssl, data, (int)len) :
	    (int)write(job->fd, data, len);
}

static int get(struct job *job, char *out, size_t size)
{
	errno = 0;
	ERR_clear_error();
	return job->ssl != NULL ? SSL_read(job->ssl, out, (int)size) :
	    (int)read(job->fd, out, size);
}

/* Lines that have come; false: not through this server. */
static bool take_lines(struct job *job)
{
	char *end;

	while (job->step != HANDSHAKE && job->step != DONE &&
	    (end = memchr(job->in, '\n', job->in_len)) != NULL) {
		size_t len = (size_t)(end - job->in) + 1;
		char line[sizeof(job->in)];

		memcpy(line, job->in, len);
		line[len - 1] = '\0';
		line[strcspn(line, "\r")] = '\0';
		memmove(job->in, job->in + len, job->in_len -= len);
		/* A reply to what was not said yet is none. */
		if (strlen(line) < 3 || job->out_at < job->out_len || job->body_len > 0)
			return false;
		if (job->step == EHLO && strcasecmp(line[3] != '\0' ? line + 4 : "", "STARTTLS") == 0)
			job->offered = true;
		if (line[3] != '-' && !on_reply(job, (int)strtol(line, NULL, 10), line))
			return false;
	}
	return job->in_len < sizeof(job->in);
}

/* What can be done without waiting, but not for ever: others have their turn, too, and a
 * deadline is to be noticed. False: not through this server. */
static bool turn(struct job *job)
{
	int r, error = 0;
	socklen_t size = sizeof(error);

	if (job->step == CONNECT) {
		if (getsockopt(job->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
			return false;
		job->step = GREETING;
	}
	for (int i = 0; i < STEPS; i++) {
		if (job->step == HANDSHAKE) {
			ERR_clear_error();
			if ((r = SSL_do_handshake(job->ssl)) != 1) {
				if (waits(job, r, POLLIN))
					return true;
				return in_the_clear(job, DANESTS_HANDSHAKE,
				    ERR_reason_error_string(ERR_peek_last_error()));
			}
			if (!verified(job))
				return false;
			say(job, EHLO_AGAIN, "EHLO ", "client.example", "");
		} else if (job->out_at < job->out_len) {
			r = put(job, job->out + job->out_at, job->out_len - job->out_at);
			if (r <= 0)
				return waits(job, r, POLLOUT);
			job->out_at += (size_t)r;
		} else if (job->body_len > 0) {
			r = put(job, job->body, job->body_len);
			if (r <= 0)
				return waits(job, r, POLLOUT);
			job->body += r;
			job->body_len -= (size_t)r;
		} else {
			r = get(job, job->in + job->in_len, sizeof(job->in) - job->in_len);
			if (r <= 0)
				return waits(job, r, POLLIN);
			job->in_len += (size_t)r;
			if (!take_lines(job))
				return false;
			if (job->step == DONE)
				return true;
		}
	}
	job->events = POLLIN | POLLOUT; /* there was more to do */
	return true;
}

static void run_job(struct job *job, short revents)
{
	if (job->step == LOOKUP || job->step >= DONE)
		return;
	if ((revents != 0 && !turn(job)) || time(NULL) > job->deadline)
		next_server(job);
	if (job->step == DONE)
		drop(job);
}

/* ---- The loop: lookups and connections side by side ---- */

static void take_policies(void)
{
	struct danests_done done;

	while (danests_reap(all.common.ctx, &done)) {
		struct job *job = done.tag;

		job->policy = done.policy;
		if (done.error != DANESTS_OK) {
			fprintf(stderr, "%s: %s\n", job->recipient, danests_strerror(done.error));
			job->step = FAILED;
		} else if (danests_policy_level(done.policy) == DANESTS_LEVEL_DEFER ||
		    danests_policy_no_mail(done.policy)) {
			fprintf(stderr, "%s: %s: %s\n", job->recipient,
			    danests_policy_token(done.policy),
			    danests_policy_reason(done.policy));
			job->step = FAILED;
		} else {
			next_server(job);
		}
	}
}

/* One turn: wait, then do all that can be done. False when nothing is left to do. */
static bool loop_turn(struct job *jobs, struct pollfd *fds, size_t count)
{
	int timeout = danests_timeout(all.common.ctx);
	bool busy = false;

	for (size_t i = 0; i < count; i++) {
		fds[i] = (struct pollfd){ .fd = jobs[i].fd, .events = jobs[i].events };
		busy = busy || jobs[i].step < DONE;
	}
	fds[count] = (struct pollfd){ .fd = danests_fd(all.common.ctx), .events = POLLIN };
	if (!busy)
		return false;
	/* Once a second somebody looks at the deadlines. */
	if (poll(fds, count + 1, timeout < 0 || timeout > 1000 ? 1000 : timeout) < 0 &&
	    errno != EINTR)
		return false;
	for (size_t i = 0; i < count; i++)
		run_job(&jobs[i], fds[i].fd >= 0 ? fds[i].revents : 0);
	if (danests_process(all.common.ctx) != DANESTS_OK)
		return false;
	take_policies();
	return true;
}

static int run(struct job *jobs, char **recipients, size_t count)
{
	struct pollfd *fds = calloc(count + 1, sizeof(*fds));
	int status = EX_OK;

	for (size_t i = 0; fds != NULL && i < count; i++) {
		const char *at = strrchr(recipients[i], '@');

		jobs[i] = (struct job){ .recipient = recipients[i], .fd = -1 };
		if (at == NULL || danests_start(all.common.ctx, at + 1, &jobs[i]) != DANESTS_OK) {
			fprintf(stderr, "%s: cannot be looked up\n", recipients[i]);
			jobs[i].step = FAILED;
		}
	}
	while (fds != NULL && loop_turn(jobs, fds, count))
		;
	for (size_t i = 0; fds != NULL && i < count; i++) {
		printf("%s %s\n", recipients[i], jobs[i].step == DONE ? "delivered" : "deferred");
		if (jobs[i].step != DONE)
			status = EX_TEMPFAIL;
		drop(&jobs[i]);
		danests_policy_unref(jobs[i].policy);
	}
	if (fds == NULL)
		status = EX_OSERR;
	free(fds);
	return status;
}

int main(int argc, char **argv)
{
	struct job *jobs = NULL;
	int status = common_begin(&all.common, argc, argv, 2,
	    "[-o name=value]... SENDER RECIPIENT... < message");

	if (status == EX_OK) {
		all.sender = argv[optind];
		all.tls = SSL_CTX_new(TLS_client_method()); /* verifies nothing: that is our part */
		jobs = calloc((size_t)(argc - optind - 1), sizeof(*jobs));
		status = jobs != NULL && all.tls != NULL ?
		    run(jobs, argv + optind + 1, (size_t)(argc - optind - 1)) : EX_OSERR;
	}
	free(jobs);
	SSL_CTX_free(all.tls);
	common_end(&all.common);
	return status;
}
