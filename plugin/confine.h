/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After the start: what this process and its helpers may still do. A bug in a
 * library that reads what strangers send shall find nothing worth having.
 *
 * Nobody loosens it again, so all that may be wanted later has to be named: a
 * reload can use the folders that the start knew, and no others.
 */
#ifndef PLUGIN_CONFINE_H
#define PLUGIN_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "plugin/conf.h"

#define CONFINE_TEXT 256

enum confine_use {
	CONFINE_READ,    /* a file, or a folder with all that is below it */
	CONFINE_WRITE,   /* a folder: files in it are read, made, changed, removed */
	CONFINE_SOCKETS, /* a folder: unix sockets in it are made and removed */
	CONFINE_DEVICE,  /* read and written */
	CONFINE_RUN,     /* a program, or a folder: programs in it and below */
	CONFINE_USES
};

struct confine_path {
	enum confine_use use;
	char *path;
};

struct confine_paths {
	struct confine_path *each;
	size_t count;
	bool bad; /* memory ran out: the list is not complete */
};

/* No path, and "", is none. One that is not there is no error. */
void confine_add(struct confine_paths *paths, enum confine_use use, const char *path);

/* A file that is read, and read again when something else stands in its place: the
 * folder of its name, and of what a symbolic link leads to. */
void confine_add_file(struct confine_paths *paths, const char *path);

/* A program that is run, and run again when something else stands in its place:
 * folders likewise. It guards against mistakes more than against an attacker, who can
 * have the loader of programs run whatever can be read. */
void confine_add_program(struct confine_paths *paths, const char *path);

/* All that this configuration, read from this file, can want; and what libraries
 * and the helper of dnssec = trust-ad want from every system. */
void confine_add_conf(struct confine_paths *paths, const struct conf *conf, const char *file);

void confine_paths_free(struct confine_paths *paths);

/*
 * From here on nothing else may be opened, run or gained. While there is but one
 * thread; later ones, and programs, inherit it; the loader of this program runs theirs,
 * also when an upgrade has put another in its folder. True: as far as this system knows
 * how, and text says how far. False: something went wrong, which text names; what
 * could be done is done, and nothing that is needed is forbidden.
 */
bool confine(const struct confine_paths *paths, char text[CONFINE_TEXT]);

/* All of this for a service with this configuration, read from this file; the log says
 * how it went. A service that cannot be confined is still one. */
void confine_service(const struct conf *conf, const char *file);

/* Give back whatever a change of user does not take away. False: errno. */
bool confine_drop_capabilities(void);

#endif
