/* SPDX-License-Identifier: BSD-2-Clause */
/* What confine() is told; the system's own part is in confine_linux.c and its like. */
#include "plugin/confine.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/attr.h"
#include "base/self.h"
#include "plugin/logline.h"

#ifndef STUB_PROGRAM
#define STUB_PROGRAM "/usr/libexec/danests/danests-stub"
#endif
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#define PATH_ROOM 4096 /* PATH_MAX, where there is one */

/* What libraries look at in the middle of their work: certificates, trust anchors,
 * the list of resolvers, time zones, whether FIPS rules hold. Nothing of users, of
 * mail or of other services. */
static const struct {
	enum confine_use use;
	const char *path;
} system_paths[] = {
	{ CONFINE_READ,   "/etc" },
	{ CONFINE_READ,   SYSCONFDIR },
	{ CONFINE_READ,   "/usr" },
	{ CONFINE_READ,   "/lib" },
	{ CONFINE_READ,   "/lib32" },
	{ CONFINE_READ,   "/lib64" },
	{ CONFINE_READ,   "/nix/store" },
	{ CONFINE_READ,   "/gnu/store" },
	{ CONFINE_READ,   "/var/lib/ca-certificates" },
	{ CONFINE_READ,   "/var/lib/unbound" },
	{ CONFINE_READ,   "/run/systemd/resolve" },
	{ CONFINE_READ,   "/run/NetworkManager" },
	{ CONFINE_READ,   "/run/connman" },
	{ CONFINE_READ,   "/run/resolvconf" },
	{ CONFINE_READ,   "/run/systemd/userdb" }, /* users, for a reload */
	{ CONFINE_READ,   "/run/userdb" },
	{ CONFINE_READ,   "/proc/self" },
	{ CONFINE_READ,   "/proc/self/exe" },
	{ CONFINE_READ,   "/proc/sys" },
	{ CONFINE_READ,   "/sys/devices/system/cpu" },
	{ CONFINE_READ,   "/dev/random" },
	{ CONFINE_READ,   "/dev/urandom" },
	{ CONFINE_DEVICE, "/dev/null" },
};

void confine_add(struct confine_paths *paths, enum confine_use use, const char *path)
{
	struct confine_path *each;

	if (path == NULL || path[0] == '\0')
		return;
	each = realloc(paths->each, (paths->count + 1) * sizeof(*each));
	if (each == NULL) {
		paths->bad = true;
		return;
	}
	paths->each = each;
	each[paths->count] = (struct confine_path){ use, strdup(path) };
	if (each[paths->count].path == NULL)
		paths->bad = true;
	else
		paths->count++;
}

/* The folder that a file is in. The root folder is never meant: there, just the file. */
static void add_folder(struct confine_paths *paths, enum confine_use use, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_ROOM];
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	if (slash == NULL) {
		confine_add(paths, use, ".");
	} else if (len > 0 && len < sizeof(folder)) {
		memcpy(folder, path, len);
		folder[len] = '\0';
		confine_add(paths, use, folder);
	} else if (use == CONFINE_READ || use == CONFINE_RUN) {
		confine_add(paths, use, path);
	}
}

/* The folders, not the file: a package manager puts another one in its place. */
static void add_both_ends(struct confine_paths *paths, enum confine_use use, const char *path)
{
	char *target;

	if (path == NULL || path[0] == '\0')
		return;
	add_folder(paths, use, path);
	target = realpath(path, NULL);
	if (target != NULL && strcmp(target, path) != 0)
		add_folder(paths, use, target);
	free(target);
}

void confine_add_file(struct confine_paths *paths, const char *path)
{
	add_both_ends(paths, CONFINE_READ, path);
}

void confine_add_program(struct confine_paths *paths, const char *path)
{
	add_both_ends(paths, CONFINE_RUN, path);
}

static void add_sockets(struct confine_paths *paths, const char *list)
{
	static const char word[] = "unix:";
	char item[256];

	while (conf_item(&list, item, sizeof(item)))
		if (strncmp(item, word, sizeof(word) - 1) == 0)
			add_folder(paths, CONFINE_SOCKETS, item + sizeof(word) - 1);
}

void confine_add_conf(struct confine_paths *paths, const struct conf *conf, const char *file)
{
	static const enum conf_id files[] = {
		CONF_ROOT_HINTS, CONF_TRUST_ANCHOR, CONF_CA_FILE, CONF_OVERRIDES,
	};
	char stub[PATH_ROOM];

	for (size_t i = 0; i < COUNT_OF(system_paths); i++)
		confine_add(paths, system_paths[i].use, system_paths[i].path);
	confine_add_file(paths, "/etc/resolv.conf");
	confine_add_file(paths, file);
	for (size_t i = 0; i < COUNT_OF(files); i++)
		confine_add_file(paths, conf_text(conf, files[i]));
	confine_add(paths, CONFINE_WRITE, conf_text(conf, CONF_CACHE_DIR));
	add_sockets(paths, conf_text(conf, CONF_LISTEN));
	add_sockets(paths, conf_text(conf, CONF_CONTROL));
	add_sockets(paths, conf_text(conf, CONF_METRICS));
	/* Always: a reload may turn trust-ad on. */
	confine_add_program(paths, STUB_PROGRAM);
	if (self_stub(stub, sizeof(stub)))
		confine_add_program(paths, stub);
}

void confine_paths_free(struct confine_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->each[i].path);
	free(paths->each);
	*paths = (struct confine_paths){0};
}

void confine_service(const struct conf *conf, const char *file)
{
	struct confine_paths paths = {0};
	char text[CONFINE_TEXT];
	bool ok;

	confine_add_conf(&paths, conf, file);
	ok = confine(&paths, text);
	log_line(ok ? LOG_INFO : LOG_WARNING, "%s", text);
	confine_paths_free(&paths);
}
