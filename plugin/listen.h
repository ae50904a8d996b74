/* SPDX-License-Identifier: BSD-2-Clause */
/* The sockets that clients connect to: our own, and those that systemd passes. */
#ifndef PLUGIN_LISTEN_H
#define PLUGIN_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/endpoint.h"
#include "base/loop.h"

#define LISTEN_PROBLEM 256

struct listener {
	int fd;
	char name[128];  /* "unix:/run/danests/socketmap", "inet:127.0.0.1:8461" */
	char *path;      /* of a unix socket that we made; or NULL */
	dev_t dev;       /* of that: somebody else's is not removed */
	ino_t ino;
	bool made_folder;/* of path: it was not there before */
	struct endpoint endpoint;
	mode_t mode;     /* of the unix socket */
	bool inherited;  /* from systemd */
	bool borrowed;   /* the descriptor is another listener's: see listen_again() */
	struct loop_watch watch; /* for whoever accepts */
	void *owner;             /* likewise */
};

struct listeners {
	struct listener *each; /* moves while more are opened */
	size_t count;
};

/* One more endpoint, as danestsd.conf(5) writes it; one that systemd has passed is
 * there already. False, with what is wrong. */
bool listen_open(struct listeners *ls, const char *endpoint, mode_t mode,
    char problem[LISTEN_PROBLEM]);

/* The sockets of LISTEN_FDS, when they are meant for this process; and forgets the
 * variables. How many there are: int, or -1 with what is wrong. */
int listen_inherit(struct listeners *ls, char problem[LISTEN_PROBLEM]);

/*
 * For a change: like listen_open(), but what now has of this endpoint is taken over, with
 * the clients in its queue. Nothing is taken from now before listen_adopt();
 * listen_close() of next lets go of what is new. The first: all those of systemd.
 */
bool listen_keep_inherited(struct listeners *next, const struct listeners *now,
    char problem[LISTEN_PROBLEM]);
bool listen_again(struct listeners *next, const struct listeners *now, const char *endpoint,
    mode_t mode, char problem[LISTEN_PROBLEM]);

/* What is not in next is closed, and removed as by listen_close(); then *now is what
 * next was, and next is empty. Nobody may watch any of now. False: it is done, but some
 * socket keeps its mode; with why. */
bool listen_adopt(struct listeners *now, struct listeners *next, char problem[LISTEN_PROBLEM]);

/* Folders that were made for sockets go to this user, who is to remove the sockets. */
void listen_give_folders(const struct listeners *ls, uid_t uid, gid_t gid);

/* Closes all, and removes unix sockets that are still ours. */
void listen_close(struct listeners *ls);

#endif
