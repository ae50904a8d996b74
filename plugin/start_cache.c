/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory of the persistent cache, while there are still privileges to make it. */
#include <dirent.h>
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

/* What the store calls what it keeps. */
#define SNAPSHOT_NAME "policies.cdb"
#define JOURNAL_PREFIX "journal."

#define MUST_STAY "policies may be there, which must not be forgotten: make it usable," \
	" or set cache_dir to another directory, or to none"

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

/* There may be policies, which must not be given up: whoever set nothing is told, too. */
static int insist(struct conf *conf, const char *dir, const char *what)
{
	if (conf_is_set(conf, CONF_CACHE_DIR))
		return refuse(conf, dir, what, EX_CANTCREAT);
	log_fatal("cache_dir = %s: %s; " MUST_STAY, dir, what);
	return EX_CANTCREAT;
}

/* Made for the user that is to use it. */
static int make(struct conf *conf, const char *dir)
{
	const char *user = conf_text(conf, CONF_USER);
	const struct passwd *pw = user[0] != '\0' ? getpwnam(user) : NULL;

	if (mkdir(dir, CACHE_MODE) < 0)
		return errno == EEXIST ? /* of a disk that is not mounted, for example */
		    insist(conf, dir, "a symbolic link to what is not there") :
		    refuse(conf, dir, strerror(errno), EX_CANTCREAT);
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
	if (*missing)
		return EX_OK;
	return errno == EACCES ? refuse(conf, dir, strerror(errno), EX_CANTCREAT) :
	    insist(conf, dir, strerror(errno));
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

/* Only the last part of a path is made. */
static int look_above(struct conf *conf, const char *dir)
{
	char above[PATH_MAX];
	size_t len = strlen(dir);
	struct stat st;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	while (len > 0 && dir[len - 1] != '/')
		len--;
	if (len == 0 || len >= sizeof(above))
		return EX_OK;
	memcpy(above, dir, len);
	above[len] = '\0';
	return stat(above, &st) == 0 ? EX_OK : refuse(conf, dir, strerror(errno), EX_CANTCREAT);
}

int start_cache_check(struct conf *conf)
{
	const char *dir = conf_text(conf, CONF_CACHE_DIR);
	char problem[CONF_PROBLEM];
	bool missing = false;
	int status = dir[0] != '\0' && conf_is_set(conf, CONF_CACHE_DIR) ?
	    look(conf, dir, &missing) : EX_OK;

	if (status == EX_OK && missing)
		status = look_above(conf, dir);
	if (status != EX_OK || conf_set(conf, "cache_dir", "", "default", problem))
		return status;
	log_fatal("%s", problem);
	return EX_OSERR;
}

static bool has_policies(DIR *folder)
{
	const struct dirent *entry;

	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, SNAPSHOT_NAME) == 0 ||
		    strncmp(entry->d_name, JOURNAL_PREFIX, strlen(JOURNAL_PREFIX)) == 0)
			return true;
	return false;
}

/* Could there be policies that this process is to know? On doubt there are. */
static bool may_have_policies(const struct conf *conf, const char *dir)
{
	DIR *folder = opendir(dir);
	bool has;

	if (folder == NULL && errno == EACCES)
		/* Somebody else's; but who names a user is in charge of this host. */
		return conf_text(conf, CONF_USER)[0] != '\0';
	if (folder == NULL)
		return errno != ENOENT && errno != ENOTDIR;
	has = has_policies(folder);
	closedir(folder);
	return has;
}

int start_cache_refused(struct conf *conf, danests *ctx)
{
	char dir[PATH_MAX];

	if (conf_is_set(conf, CONF_CACHE_DIR))
		return DANESTS_ECACHE;
	if (may_have_policies(conf, conf_text(conf, CONF_CACHE_DIR))) {
		log_line(LOG_ERR, "cache_dir = %s: " MUST_STAY, conf_text(conf, CONF_CACHE_DIR));
		return DANESTS_ECACHE;
	}
	text_format(dir, sizeof(dir), "%s", conf_text(conf, CONF_CACHE_DIR));
	if (go_without(conf, dir, danests_problem(ctx)) != EX_OK)
		return DANESTS_ENOMEM;
	return danests_set(ctx, "cache_dir", "");
}
