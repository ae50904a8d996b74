/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory of the persistent cache, while there are still privileges to make it. */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "plugin/logline.h"
#include "plugin/start.h"

#define CACHE_MODE 0700 /* who mails whom is nobody's business */

static int refuse(const struct conf *conf, const char *dir, const char *what, int status)
{
	/* Somebody who tries us out is not root, and never asked for this directory. */
	if (!conf_is_set(conf, CONF_CACHE_DIR)) {
		log_line(LOG_WARNING, "cache_dir = %s: %s: policies are kept in memory only, and"
		    " a restart loses them (it is a default: set cache_dir)", dir, what);
		return EX_OK;
	}
	log_fatal("%s: cache_dir = %s: %s", conf_where(conf, CONF_CACHE_DIR), dir, what);
	return status;
}

/* Made for the user that is to use it. */
static int make(const struct conf *conf, const char *dir)
{
	const char *user = conf_text(conf, CONF_USER);
	const struct passwd *pw = user[0] != '\0' ? getpwnam(user) : NULL;

	if (mkdir(dir, CACHE_MODE) < 0)
		return refuse(conf, dir, strerror(errno), EX_CANTCREAT);
	if (pw != NULL && lchown(dir, pw->pw_uid, pw->pw_gid) < 0) {
		int saved = errno;

		rmdir(dir);
		return refuse(conf, dir, strerror(saved), EX_CANTCREAT);
	}
	return EX_OK;
}

int start_cache_dir(const struct conf *conf)
{
	const char *dir = conf_text(conf, CONF_CACHE_DIR);
	struct stat st;

	if (dir[0] == '\0')
		return EX_OK;
	if (stat(dir, &st) < 0)
		return errno == ENOENT ? make(conf, dir) :
		    refuse(conf, dir, strerror(errno), EX_CANTCREAT);
	if (!S_ISDIR(st.st_mode))
		return refuse(conf, dir, "is no directory", EX_CONFIG);
	return EX_OK;
}
