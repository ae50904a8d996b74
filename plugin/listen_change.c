/* SPDX-License-Identifier: BSD-2-Clause */
/* Other endpoints for a service at work. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "plugin/listen.h"
#include "plugin/listen_impl.h"

static bool borrow(struct listeners *next, const struct listener *from, mode_t mode,
    char *problem)
{
	struct listener *l = listen_add(next);

	if (l == NULL)
		return listen_failed(problem, from->name, "cannot keep it");
	*l = *from;
	l->watch = (struct loop_watch){0};
	l->owner = NULL;
	l->mode = mode;
	l->borrowed = true;
	return true;
}

static const struct listener *find(const struct listeners *ls, const struct endpoint *ep)
{
	for (size_t i = 0; i < ls->count; i++) {
		const struct listener *l = &ls->each[i];

		if (!l->inherited && l->endpoint.len == ep->len &&
		    memcmp(&l->endpoint.addr, &ep->addr, ep->len) == 0)
			return l;
	}
	return NULL;
}

bool listen_keep_inherited(struct listeners *next, const struct listeners *now,
    char problem[LISTEN_PROBLEM])
{
	for (size_t i = 0; i < now->count; i++)
		if (now->each[i].inherited && !borrow(next, &now->each[i], 0, problem))
			return false;
	return true;
}

bool listen_again(struct listeners *next, const struct listeners *now, const char *endpoint,
    mode_t mode, char problem[LISTEN_PROBLEM])
{
	const struct listener *known = NULL;
	struct endpoint ep;

	if (endpoint_parse(&ep, endpoint) == NULL) {
		if (find(next, &ep) != NULL) {
			text_format(problem, LISTEN_PROBLEM, "%s: is there twice", endpoint);
			return false;
		}
		known = find(now, &ep);
	}
	/* Nobody finds a socket whose file is gone. */
	if (known != NULL && (known->path == NULL || listen_is_ours(known)))
		return borrow(next, known, mode, problem);
	return listen_open(next, endpoint, mode, problem);
}

/* The listener of now that next has taken over. */
static struct listener *original(const struct listeners *now, const struct listener *l)
{
	for (size_t i = 0; i < now->count; i++)
		if (now->each[i].fd == l->fd)
			return &now->each[i];
	return NULL;
}

/* Never of what a link in its place leads to. */
static bool set_mode(const struct listener *l)
{
	return fchmodat(AT_FDCWD, l->path, l->mode, AT_SYMLINK_NOFOLLOW) == 0;
}

bool listen_adopt(struct listeners *now, struct listeners *next, char problem[LISTEN_PROBLEM])
{
	bool ok = true;

	for (size_t i = 0; i < next->count; i++) {
		struct listener *l = &next->each[i];
		struct listener *from = l->borrowed ? original(now, l) : NULL;

		if (from == NULL)
			continue;
		if (from->mode != l->mode && listen_is_ours(l) && !set_mode(l)) {
			ok = listen_failed(problem, l->name, "cannot change its mode");
			l->mode = from->mode;
		}
		l->borrowed = false;
		from->borrowed = true;
	}
	listen_close(now);
	*now = *next;
	*next = (struct listeners){0};
	return ok;
}
