/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory of the persistent cache, while there are still privileges to make it. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/text.h"
#include "plugin/logline.h"
#include "plugin/start.h"

#define CACHE_MODE 0700 /* who mails whom is nobody's business */

/* Somebody who tries us out is not root, and never asked for this directory. */
static int go_without(struct conf *conf, const char *dir, const char *what)
{
	char problem[CONF_PROBLEM];

	log_line(LOG_WARNING, "cache_dir = %s: %s; going on without, since it is a default:"
	    " policies are held in memory, and a restart loses them", dir, what);
	if (conf_set(conf, "cache_dir", "", "default", problem))
		return EX_OK;
	log_fatal("%s", problem);
	return EX_OSERR;
}

static int refuse(struct conf *conf, const char *dir, const char *what, int status)
{
	if (!conf_is_set(conf, CONF_CACHE_DIR))
		return go_without(conf, dir, what);
	log_fatal("%s: cache_dir = %s: %s", conf_where(conf, CONF_CACHE_DIR), dir, what);
	return status;
}

/* Made for the user that is to use it. */
static int make(struct conf *conf, const char *dir)
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

/* ENOENT is *missing, and no fault. */
static int look(struct conf *conf, const char *dir, bool *missing)
{
	struct stat st;

	*missing = false;
	if (stat(dir, &st) == 0)
		return S_ISDIR(st.st_mode) ? EX_OK :
		    refuse(conf, dir, "is no directory", EX_CONFIG);
	*missing = errno == ENOENT;
	return *missing ? EX_OK : refuse(conf, dir, strerror(errno), EX_CANTCREAT);
}

int start_cache_dir(struct conf *conf)
{
	const char *dir = conf_text(conf, CONF_CACHE_DIR);
	bool missing;
	int status;

	if (dir[0] == '\0')
		return EX_OK;
	status = look(conf, dir, &missing);
	return status == EX_OK && missing ? make(conf, dir) : status;
}

int start_cache_check(struct conf *conf)
{
	const char *dir = conf_text(conf, CONF_CACHE_DIR);
	char problem[CONF_PROBLEM];
	bool missing;
	int status = dir[0] != '\0' && conf_is_set(conf, CONF_CACHE_DIR) ?
	    look(conf, dir, &missing) : EX_OK;

	if (status != EX_OK || conf_set(conf, "cache_dir", "", "default", problem))
		return status;
	log_fatal("%s", problem);
	return EX_OSERR;
}

int start_cache_refused(struct conf *conf, danests *ctx)
{
	char dir[PATH_MAX];

	if (conf_is_set(conf, CONF_CACHE_DIR))
		return DANESTS_ECACHE;
	text_format(dir, sizeof(dir), "%s", conf_text(conf, CONF_CACHE_DIR));
	if (go_without(conf, dir, danests_problem(ctx)) != EX_OK)
		return DANESTS_ENOMEM;
	return danests_set(ctx, "cache_dir", "");
}
