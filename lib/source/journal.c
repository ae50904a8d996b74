/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers are little-endian. The header, 32 octets, twice:
 *
 *	"danestsJ" 01 00 00 00   whose it is, version
 *	xx xx xx xx              salt
 *	07 00 00 00 00 00 00 00  number, as in the name
 *	00 00 00 00              not used
 *	xx xx xx xx              CRC-32C of the 28 before
 *
 * A frame:
 *
 *	da 5e 4a 01              here begins one
 *	xx xx xx xx              CRC-32C, begun with the salt, of all after
 *	e2 00 00 00              length of the payload
 *	01                       PUT or DEL
 *	...                      payload
 *
 * The length holds NULs, and no text of a record does: no policy can pretend to be
 * a frame.
 */
#include "source/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crc.h"
#include "base/text.h"
#include "danests.h"
#include "source/file.h"

#define JOURNAL_VERSION 1
#define HEADER_HALF (JOURNAL_HEADER / 2)
#define FRAME_MAX (JOURNAL_FRAME + RECORD_MAX)
#define WINDOW_SIZE ((size_t)256 * 1024)  /* read at a time; more than FRAME_MAX */

static const uint8_t magic[8] = { 'd', 'a', 'n', 'e', 's', 't', 's', 'J' };
static const uint8_t begin[4] = { 0xda, 0x5e, 0x4a, 0x01 };

void journal_name(char out[JOURNAL_NAME_MAX], uint64_t number)
{
	text_format(out, JOURNAL_NAME_MAX, "journal.%llu", (unsigned long long)number);
}

bool journal_number(const char *name, uint64_t *number)
{
	char canonical[JOURNAL_NAME_MAX];

	if (strncmp(name, "journal.", 8) != 0 ||
	    !text_number(name + 8, strlen(name + 8), 1, UINT64_MAX / 2, number))
		return false;
	journal_name(canonical, *number);
	return strcmp(canonical, name) == 0; /* no "journal.007" */
}

/* ---- Making ---- */

int journal_adopt(struct journal **out, int fd, uint64_t number, bool readonly)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return DANESTS_ENOMEM;
	list_init(&j->node);
	j->fd = fd;
	j->number = number;
	j->readonly = readonly;
	*out = j;
	return DANESTS_OK;
}

void journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	list_remove(&j->node);
	file_close(j->fd);
	free(j);
}

static uint32_t fresh_salt(void)
{
	uint32_t salt;

	if (getentropy(&salt, sizeof(salt)) != 0)
		salt = (uint32_t)clock_mono_us() ^ (uint32_t)clock_now();
	return salt;
}

static void write_header(const struct journal *j, uint8_t out[JOURNAL_HEADER])
{
	memset(out, 0, JOURNAL_HEADER);
	memcpy(out, magic, sizeof(magic));
	le_set32(out + 8, JOURNAL_VERSION);
	le_set32(out + 12, j->salt);
	le_set64(out + 16, j->number);
	le_set32(out + 28, crc32c(0, out, 28));
	memcpy(out + HEADER_HALF, out, HEADER_HALF);
}

/* First the file, then its name: a name without a header is an empty journal. */
static bool make_durable(struct journal *j, int dir)
{
	uint8_t header[JOURNAL_HEADER];

	write_header(j, header);
	j->size = sizeof(header);
	return file_write(j->fd, header, sizeof(header), 0) && fsync(j->fd) == 0 &&
	    fsync(dir) == 0;
}

int journal_create(struct journal **out, int dir, uint64_t number)
{
	char name[JOURNAL_NAME_MAX];
	struct journal *j;
	int fd, saved;

	journal_name(name, number);
	fd = file_open(dir, name, O_RDWR | O_CREAT | O_EXCL);
	if (fd < 0)
		return DANESTS_ECACHE;
	if (journal_adopt(&j, fd, number, false) != DANESTS_OK) {
		file_close(fd);
		unlinkat(dir, name, 0);
		return DANESTS_ENOMEM;
	}
	j->salt = fresh_salt();
	if (!make_durable(j, dir)) {
		saved = errno;
		journal_free(j);
		unlinkat(dir, name, 0);
		errno = saved;
		return DANESTS_ECACHE;
	}
	*out = j;
	return DANESTS_OK;
}

/* ---- Adding ---- */

void journal_add(const struct journal *j, struct buf *out, enum journal_type type,
    const void *payload, size_t len)
{
	uint8_t head[JOURNAL_FRAME];
	uint32_t sum;

	memcpy(head, begin, sizeof(begin));
	le_set32(head + 8, (uint32_t)len);
	head[12] = (uint8_t)type;
	sum = crc32c(j->salt, head + 8, JOURNAL_FRAME - 8);
	le_set32(head + 4, crc32c(sum, payload, len));
	buf_add(out, head, sizeof(head));
	buf_add(out, payload, len);
}

int journal_append(struct journal *j, const struct buf *bytes)
{
	int saved;

	if (file_write(j->fd, bytes->data, bytes->len, j->size) && fdatasync(j->fd) == 0) {
		j->size += bytes->len;
		return DANESTS_OK;
	}
	saved = errno;
	/* What a failed sync has left nobody knows. It must not stand before what is
	 * written next. */
	if (ftruncate(j->fd, (off_t)j->size) != 0)
		j->readonly = true;
	errno = saved;
	return DANESTS_ECACHE;
}

int journal_read(const struct journal *j, uint64_t offset, size_t len, struct buf *out)
{
	ssize_t got;
	char *room;

	buf_reset(out);
	room = buf_room(out, len);
	if (room == NULL)
		return DANESTS_ENOMEM;
	got = file_read(j->fd, room, len, offset);
	if (got < 0)
		return DANESTS_ECACHE;
	out->len = (size_t)got;
	return DANESTS_OK;
}

/* ---- Replay ---- */

/* The part of the file that is in memory. */
struct window {
	int fd;
	uint8_t *data;
	uint64_t start;
	size_t len;
	int error;
};

/* At least n octets from offset, and how many there are; NULL behind the end. */
static const uint8_t *window_at(struct window *w, uint64_t offset, size_t n, size_t *there)
{
	ssize_t got;

	if (offset < w->start || offset + n > w->start + w->len) {
		got = file_read(w->fd, w->data, WINDOW_SIZE, offset);
		if (got < 0)
			w->error = errno;
		w->start = offset;
		w->len = got < 0 ? 0 : (size_t)got;
	}
	*there = (size_t)(w->start + w->len - offset);
	return *there < n ? NULL : w->data + (offset - w->start);
}

static bool half_is_whole(const uint8_t *half)
{
	return memcmp(half, magic, sizeof(magic)) == 0 &&
	    le_get32(half + 28) == crc32c(0, half, 28);
}

static enum journal_state read_header(struct journal *j, struct window *w)
{
	size_t there;
	const uint8_t *half = window_at(w, 0, JOURNAL_HEADER, &there);

	if (half == NULL)
		return w->error != 0 ? JOURNAL_DAMAGED : JOURNAL_EMPTY;
	if (!half_is_whole(half) && half_is_whole(half + HEADER_HALF))
		half += HEADER_HALF;
	if (!half_is_whole(half))
		return memcmp(half, magic, sizeof(magic)) == 0 ||
		    memcmp(half + HEADER_HALF, magic, sizeof(magic)) == 0 ?
		    JOURNAL_DAMAGED : JOURNAL_FOREIGN;
	/* Renamed by hand, it would be replayed in the wrong order. */
	if (le_get32(half + 8) != JOURNAL_VERSION || le_get64(half + 16) != j->number)
		return JOURNAL_FOREIGN;
	j->salt = le_get32(half + 12);
	return JOURNAL_WHOLE;
}

static bool frame_at(const struct journal *j, struct window *w, uint64_t offset,
    struct journal_frame *out)
{
	size_t there, len;
	const uint8_t *p = window_at(w, offset, JOURNAL_FRAME, &there);

	if (p == NULL || memcmp(p, begin, sizeof(begin)) != 0)
		return false;
	len = le_get32(p + 8);
	if (len > RECORD_MAX)
		return false;
	p = window_at(w, offset, JOURNAL_FRAME + len, &there);
	if (p == NULL || crc32c(j->salt, p + 8, JOURNAL_FRAME - 8 + len) != le_get32(p + 4))
		return false;
	*out = (struct journal_frame){ p[12], p + JOURNAL_FRAME, len, offset + JOURNAL_FRAME };
	return true;
}

/* The next place from here where a frame might begin; false at the end. */
static bool next_begin(struct window *w, uint64_t *offset, bool *zero)
{
	const uint8_t *p, *found;
	size_t there;

	while ((p = window_at(w, *offset, 1, &there)) != NULL) {
		found = memchr(p, begin[0], there);
		there = found == NULL ? there : (size_t)(found - p);
		for (size_t i = 0; i < there && *zero; i++)
			*zero = p[i] == 0;
		*offset += there;
		if (found != NULL)
			return true;
	}
	return false;
}

/* One frame, or past what is none. False at the end. */
static bool step(struct journal *j, struct window *w, journal_fn *fn, void *arg,
    struct journal_damage *damage)
{
	uint64_t at = j->size;
	struct journal_frame frame;

	damage->tail_zero = true;
	while (next_begin(w, &at, &damage->tail_zero)) {
		if (frame_at(j, w, at, &frame) && fn(arg, &frame)) {
			damage->gap += at - j->size;
			damage->gaps += at > j->size;
			j->size = frame.offset + frame.len;
			return true;
		}
		damage->tail_zero = false;
		at++;
	}
	damage->tail = at - j->size;
	return false;
}

int journal_replay(struct journal *j, journal_fn *fn, void *arg, enum journal_state *state,
    struct journal_damage *damage)
{
	struct window w = { .fd = j->fd, .data = malloc(WINDOW_SIZE) };

	_Static_assert(WINDOW_SIZE >= FRAME_MAX, "a frame fits into the window");
	memset(damage, 0, sizeof(*damage));
	if (w.data == NULL)
		return DANESTS_ENOMEM;
	*state = read_header(j, &w);
	if (*state == JOURNAL_WHOLE) {
		j->size = JOURNAL_HEADER;
		while (step(j, &w, fn, arg, damage))
			continue;
	}
	damage->error = w.error;
	free(w.data);
	return DANESTS_OK;
}
