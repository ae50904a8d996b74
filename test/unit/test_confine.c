/* SPDX-License-Identifier: BSD-2-Clause */
/* Which paths a configuration asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin/confine.h"

static bool listed(const struct confine_paths *paths, enum confine_use use, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->each[i].use == use && strcmp(paths->each[i].path, path) == 0)
			return true;
	return false;
}

static void set(struct conf *conf, const char *option)
{
	char problem[CONF_PROBLEM];

	if (!conf_option(conf, option, problem))
		fail_msg("%s", problem);
}

static void a_configuration_names_its_folders(void **state)
{
	struct confine_paths paths = {0};
	struct conf conf = {0};

	(void)state;
	set(&conf, "listen=unix:/a/b/sock, inet:127.0.0.1:1 unix:/c/sock");
	set(&conf, "control=unix:/d/control");
	set(&conf, "metrics=unix:/m/metrics");
	set(&conf, "cache_dir=/e/cache");
	set(&conf, "overrides=/f/overrides");
	set(&conf, "trust_anchor=/g/key");
	set(&conf, "ca_file=/pem");
	confine_add_conf(&paths, &conf, "/h/danestsd.conf");
	assert_false(paths.bad);
	assert_true(listed(&paths, CONFINE_SOCKETS, "/a/b"));
	assert_true(listed(&paths, CONFINE_SOCKETS, "/c"));
	assert_true(listed(&paths, CONFINE_SOCKETS, "/d"));
	assert_true(listed(&paths, CONFINE_SOCKETS, "/m"));
	assert_true(listed(&paths, CONFINE_WRITE, "/e/cache"));
	assert_true(listed(&paths, CONFINE_READ, "/f"));
	assert_true(listed(&paths, CONFINE_READ, "/g"));
	assert_true(listed(&paths, CONFINE_READ, "/h"));
	/* The folder of this one is all there is. */
	assert_true(listed(&paths, CONFINE_READ, "/pem"));
	for (int use = 0; use < CONFINE_USES; use++) {
		assert_false(listed(&paths, (enum confine_use)use, "/"));
		assert_false(listed(&paths, (enum confine_use)use, ""));
	}
	for (size_t i = 0; i < paths.count; i++)
		if (paths.each[i].use == CONFINE_WRITE)
			assert_string_equal(paths.each[i].path, "/e/cache");
	confine_paths_free(&paths);
	conf_free(&conf);
}

/* Whoever upgrades it puts another file in its place, which the rule of the old one is
 * not about. */
static void programs_are_named_by_their_folders(void **state)
{
	char top[] = "/tmp/danests-confine-XXXXXX", path[64];
	struct confine_paths paths = {0};
	struct conf conf = {0};
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/program", top);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	confine_add_program(&paths, path);
	assert_int_equal(paths.count, 1);
	assert_true(listed(&paths, CONFINE_RUN, top));
	confine_add_program(&paths, "/program");
	assert_true(listed(&paths, CONFINE_RUN, "/program")); /* its folder is all there is */
	confine_paths_free(&paths);
	confine_add_conf(&paths, &conf, "/h/danestsd.conf");
	for (size_t i = 0; i < paths.count; i++)
		if (paths.each[i].use == CONFINE_RUN)
			assert_null(strstr(paths.each[i].path, "/danests-stub"));
	unlink(path);
	rmdir(top);
	confine_paths_free(&paths);
	conf_free(&conf);
}

static void a_reload_can_look_for_a_user(void **state)
{
	struct confine_paths paths = {0};
	struct conf conf = {0};

	(void)state;
	confine_add_conf(&paths, &conf, "/h/danestsd.conf");
	assert_true(listed(&paths, CONFINE_READ, "/run/systemd/userdb"));
	assert_true(listed(&paths, CONFINE_READ, "/etc")); /* passwd, nsswitch.conf */
	confine_paths_free(&paths);
	conf_free(&conf);
}

static void a_link_counts_for_both_of_its_ends(void **state)
{
	struct confine_paths paths = {0};
	char top[] = "/tmp/danests-confine-XXXXXX", path[64], *target = realpath("/dev/null", NULL);

	(void)state;
	assert_non_null(target);
	assert_non_null(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/link", top);
	assert_int_equal(symlink(target, path), 0);
	confine_add_file(&paths, path);
	*strrchr(target, '/') = '\0';
	assert_true(listed(&paths, CONFINE_READ, top));
	assert_true(listed(&paths, CONFINE_READ, target));
	unlink(path);
	rmdir(top);
	free(target);
	confine_paths_free(&paths);
}

static void nothing_is_asked_for_nothing(void **state)
{
	struct confine_paths paths = {0};

	(void)state;
	confine_add(&paths, CONFINE_READ, NULL);
	confine_add(&paths, CONFINE_READ, "");
	confine_add_file(&paths, NULL);
	confine_add_file(&paths, "");
	assert_int_equal(paths.count, 0);
	confine_add_file(&paths, "danestsd.conf");
	assert_true(listed(&paths, CONFINE_READ, "."));
	confine_paths_free(&paths);
	confine_paths_free(&paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_names_its_folders),
		cmocka_unit_test(programs_are_named_by_their_folders),
		cmocka_unit_test(a_reload_can_look_for_a_user),
		cmocka_unit_test(a_link_counts_for_both_of_its_ends),
		cmocka_unit_test(nothing_is_asked_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
