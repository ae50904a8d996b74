/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A crowd of Postfix clients: so many connections to a socketmap service, one
 * question in flight on each, as Postfix does it. Says how fast and how late the
 * replies came, and what they were.
 *
 * Closed (the default): a connection asks again as soon as it has its reply.
 * Paced (-r): questions fall due at a fixed rate; a question that finds all
 * connections busy waits, and its waiting counts, else a stalled server would
 * look good for not having been asked.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "hist.h"
#include "keys.h"
#include "net.h"

enum kind { KIND_OK, KIND_NOTFOUND, KIND_TEMP, KIND_PERM, KIND_OTHER, KIND_COUNT };
static const char *const kind_name[KIND_COUNT] = { "OK", "NOTFOUND", "TEMP", "PERM", "other" };

/* A reply is read as it comes: nothing of it is kept but its first octets. */
enum state { STATE_IDLE, STATE_LEN, STATE_BODY, STATE_COMMA };

struct conn {
	int fd;
	enum state state;
	uint32_t left;        /* octets of the payload still to come */
	unsigned word_len;
	char word[8];
	int64_t asked;        /* when, or when it fell due */
	struct conn *next;    /* of the idle ones */
};

static struct options {
	const char *endpoint, *map;
	uint64_t conns, requests, rate;
	int64_t time;         /* how long; 0: by number */
	struct keys keys;
} opt = { .map = "QUERY", .conns = 10 };

static struct hist hist;
static uint64_t kinds[KIND_COUNT];
static uint64_t sent, done;
static int64_t deadline;       /* 0: by number */
static int64_t next_due, gap;  /* paced */
static struct conn *idle;
static volatile sig_atomic_t stopped; /* SIGTERM: ask no more, report what was seen */

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static bool may_send(int64_t now)
{
	if (stopped)
		return false;
	return deadline != 0 ? now < deadline : sent < opt.requests;
}

static void ask(struct conn *c, int64_t when)
{
	char frame[KEYS_MAX + 128], head[16];
	char *body = frame + sizeof(head);
	size_t map = strlen(opt.map), len, n;

	memcpy(body, opt.map, map);
	body[map] = ' ';
	len = map + 1 + keys_next(&opt.keys, body + map + 1);
	n = (size_t)snprintf(head, sizeof(head), "%zu:", len);
	memcpy(body - n, head, n);
	body[len] = ',';
	len += n + 1;
	c->asked = when;
	c->state = STATE_LEN;
	c->left = 0;
	c->word_len = 0;
	sent++;
	if (send(c->fd, body - n, len, MSG_NOSIGNAL) != (ssize_t)len)
		err(EX_UNAVAILABLE, "%s: cannot send", opt.endpoint);
}

static enum kind word_kind(const struct conn *c)
{
	int i;

	for (i = 0; i < KIND_OTHER; i++)
		if (c->word_len >= strlen(kind_name[i]) &&
		    memcmp(c->word, kind_name[i], strlen(kind_name[i])) == 0)
			return (enum kind)i;
	return KIND_OTHER;
}

static void settle(struct conn *c, int64_t now)
{
	hist_add(&hist, (uint64_t)(now - c->asked));
	kinds[word_kind(c)]++;
	done++;
	c->state = STATE_IDLE;
	if (opt.rate != 0) {
		c->next = idle;
		idle = c;
	} else if (may_send(now)) {
		ask(c, now);
	}
}

static size_t take_body(struct conn *c, const char *data, size_t len)
{
	size_t n = len < c->left ? len : c->left;
	size_t room = sizeof(c->word) - c->word_len;

	memcpy(c->word + c->word_len, data, n < room ? n : room);
	c->word_len += (unsigned)(n < room ? n : room);
	c->left -= (uint32_t)n;
	if (c->left == 0)
		c->state = STATE_COMMA;
	return n;
}

static void take(struct conn *c, const char *data, size_t len, int64_t now)
{
	const char *end = data + len;

	while (data < end) {
		if (c->state == STATE_BODY) {
			data += take_body(c, data, (size_t)(end - data));
		} else if (c->state == STATE_LEN && *data >= '0' && *data <= '9' &&
		    c->left <= 100000) {
			c->left = c->left * 10 + (uint32_t)(*data++ - '0');
		} else if (c->state == STATE_LEN && *data == ':') {
			c->state = c->left == 0 ? STATE_COMMA : STATE_BODY;
			data++;
		} else if (c->state == STATE_COMMA && *data == ',') {
			data++;
			settle(c, now);
		} else {
			errx(EX_PROTOCOL, "%s: what came is no reply", opt.endpoint);
		}
	}
}

static void receive(struct conn *c)
{
	char data[65536];
	ssize_t n = recv(c->fd, data, sizeof(data), MSG_DONTWAIT);

	if (n == 0)
		errx(EX_UNAVAILABLE, "%s: closed the connection", opt.endpoint);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		err(EX_UNAVAILABLE, "%s", opt.endpoint);
	if (n > 0)
		take(c, data, (size_t)n, net_now_ns());
}

/* Ask what has fallen due; false when there is nothing left to ask. */
static bool pace(int64_t now, int timer)
{
	struct itimerspec at = {0};
	struct conn *c;

	while (idle != NULL && next_due <= now && may_send(now)) {
		c = idle;
		idle = c->next;
		ask(c, next_due);
		next_due += gap;
	}
	if (!may_send(now))
		return false;
	/* In the past, with all connections busy: a reply wakes us, not the timer. */
	if (next_due > now) {
		at.it_value.tv_sec = next_due / 1000000000;
		at.it_value.tv_nsec = next_due % 1000000000;
	}
	if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) != 0)
		err(EX_OSERR, "timerfd_settime");
	return true;
}

static struct conn *open_all(int epoll)
{
	struct conn *conns = calloc(opt.conns, sizeof(*conns));
	struct epoll_event event = { .events = EPOLLIN };
	uint64_t i;

	if (conns == NULL)
		err(EX_OSERR, "calloc");
	for (i = 0; i < opt.conns; i++) {
		conns[i].fd = net_connect(opt.endpoint);
		event.data.ptr = &conns[i];
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, conns[i].fd, &event) != 0)
			err(EX_OSERR, "epoll_ctl");
		conns[i].next = idle;
		idle = &conns[i];
	}
	return conns;
}

static void run(void)
{
	struct epoll_event event[256];
	struct epoll_event wake = { .events = EPOLLIN, .data.ptr = NULL };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct conn *conns = open_all(epoll);
	int64_t start = net_now_ns(), last = start;
	bool more = true;
	uint64_t drop, i;
	int n, k;

	if (opt.time != 0)
		deadline = start + opt.time;
	next_due = start;
	if (opt.rate != 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &wake) != 0)
		err(EX_OSERR, "epoll_ctl");
	for (i = 0; opt.rate == 0 && i < opt.conns && may_send(start); i++)
		ask(&conns[i], net_now_ns());
	for (;;) {
		if (opt.rate != 0 && more)
			more = pace(net_now_ns(), timer);
		if (done == sent && (opt.rate == 0 || !more))
			break;
		n = epoll_wait(epoll, event, 256, -1);
		for (k = 0; k < n; k++) {
			if (event[k].data.ptr != NULL)
				receive(event[k].data.ptr);
			else if (read(timer, &drop, sizeof(drop)) < 0 && errno != EAGAIN)
				err(EX_OSERR, "timerfd");
		}
		last = net_now_ns();
	}
	printf("requests %llu\nseconds %.3f\nrate %.0f\n", (unsigned long long)done,
	    (double)(last - start) / 1e9, (double)done * 1e9 / (double)(last - start));
	free(conns);
}

static void report(void)
{
	static const struct { const char *name; double share; } row[] = {
		{ "p50_us", 0.5 }, { "p99_us", 0.99 }, { "p999_us", 0.999 }, { "max_us", 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		printf("%s %.1f\n", row[i].name, (double)hist_at(&hist, row[i].share) / 1e3);
	for (i = 0; i < KIND_COUNT; i++)
		if (kinds[i] != 0)
			printf("%s %llu\n", kind_name[i], (unsigned long long)kinds[i]);
}

static int usage(void)
{
	fprintf(stderr, "usage: mapload [-c connections] [-n requests | -t seconds] "
	    "[-r per-second]\n\t[-m map] [-k pattern | -f file] [-s first] [-w keys] ENDPOINT\n"
	    "pattern: %% stands for a number of seven digits, from first on, keys of them\n");
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	const char *pattern = "d%.example", *file = NULL;
	uint64_t first = 0, distinct = 1000;
	int o;

	while ((o = getopt(argc, argv, "c:n:t:r:m:k:f:s:w:")) != -1) {
		switch (o) {
		case 'c': opt.conns = net_number("-c", optarg, 1, 100000); break;
		case 'n': opt.requests = net_number("-n", optarg, 1, 1000000000); break;
		case 't': opt.time = net_seconds("-t", optarg); break;
		case 'r': opt.rate = net_number("-r", optarg, 1, 10000000); break;
		case 'm': opt.map = optarg; break;
		case 'k': pattern = optarg; break;
		case 'f': file = optarg; break;
		case 's': first = net_number("-s", optarg, 0, 9999999); break;
		case 'w': distinct = net_number("-w", optarg, 1, 10000000); break;
		default: return usage();
		}
	}
	if (optind + 1 != argc || strlen(opt.map) > 64)
		return usage();
	opt.endpoint = argv[optind];
	if (opt.requests == 0 && opt.time == 0)
		opt.time = net_seconds("-t", "5");
	gap = opt.rate == 0 ? 0 : (int64_t)(1000000000 / opt.rate);
	if (file != NULL)
		keys_file(&opt.keys, file);
	else
		keys_pattern(&opt.keys, pattern, first, distinct);
	net_raise_nofile();
	signal(SIGTERM, stop);
	run();
	report();
	keys_free(&opt.keys);
	return 0;
}
