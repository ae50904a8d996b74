/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/flight.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "danests.h"

static struct map_key flight_key(const struct map_node *node)
{
	const struct flight *flight = CONTAINER_OF(node, struct flight, node);

	return (struct map_key){ flight->key, flight->key_len };
}

void flights_init(struct flights *flights, struct list *arrivals)
{
	map_init(&flights->map, flight_key);
	list_init(&flights->fetches);
	flights->arrivals = arrivals;
}

void flights_free(struct flights *flights)
{
	struct map_node *at, *next;
	size_t cursor = 0;

	if (flights->map.count > 0) {
		for (at = map_next(&flights->map, &cursor, NULL); at != NULL; at = next) {
			next = map_next(&flights->map, &cursor, at);
			flight_land(flights, CONTAINER_OF(at, struct flight, node));
			flight_free(CONTAINER_OF(at, struct flight, node));
		}
	}
	map_free(&flights->map);
}

static int add_waiter(struct flight *flight, void *waiter)
{
	size_t n = flight->waiters, cap;
	void **more;

	if (n >= FLIGHT_SEATS && n - FLIGHT_SEATS == flight->more_cap) {
		cap = flight->more_cap == 0 ? 4 : flight->more_cap * 2;
		if (cap > SIZE_MAX / sizeof(*more))
			return DANESTS_ENOMEM;
		more = realloc(flight->more, cap * sizeof(*more));
		if (more == NULL)
			return DANESTS_ENOMEM;
		flight->more = more;
		flight->more_cap = cap;
	}
	if (n < FLIGHT_SEATS)
		flight->seat[n] = waiter;
	else
		flight->more[n - FLIGHT_SEATS] = waiter;
	flight->waiters++;
	return DANESTS_OK;
}

static struct flight *flight_new(struct flights *flights, const struct question *q,
    const char *key, size_t len)
{
	struct flight *flight = calloc(1, sizeof(*flight) + len + 1);

	if (flight == NULL)
		return NULL;
	memcpy(flight->key, key, len);
	flight->key_len = len;
	flight->era = flights->era;
	if (map_put(&flights->map, &flight->node) != DANESTS_OK) {
		free(flight);
		return NULL;
	}
	flight->ask.q = *q;
	if (q->addr != NULL)
		flight->ask.q.addr = answer_ref(q->addr);
	flight->ask.arrivals = flights->arrivals;
	list_init(&flight->ask.arrived);
	list_init(&flight->fetch);
	if (q->kind == QUESTION_STS)
		list_append(&flights->fetches, &flight->fetch);
	return flight;
}

struct flight *flight_join(struct flights *flights, const struct question *q, void *waiter,
    bool *fresh)
{
	char key[sizeof(flights->era) + QUESTION_TEXT_MAX + 1];
	size_t len = sizeof(flights->era) + question_text(q, key + sizeof(flights->era));
	struct map_node *node;
	struct flight *flight;

	memcpy(key, &flights->era, sizeof(flights->era));
	node = map_get(&flights->map, key, len);
	*fresh = node == NULL;
	if (node != NULL)
		flight = CONTAINER_OF(node, struct flight, node);
	else
		flight = flight_new(flights, q, key, len);
	/* A fresh flight has a seat free, so only joining can fail here. */
	if (flight == NULL || add_waiter(flight, waiter) != DANESTS_OK)
		return NULL;
	return flight;
}

void flights_part(struct flights *flights) { flights->era++; }

bool flight_is_past(const struct flights *flights, const struct flight *flight)
{
	return flight->era != flights->era;
}

void flights_outdate(struct flights *flights, const struct flight *fetched)
{
	const char *domain = fetched->ask.q.name.name;

	if (list_empty(&fetched->fetch))
		return;
	for (struct list *at = fetched->fetch.prev; at != &flights->fetches; at = at->prev) {
		struct flight *earlier = CONTAINER_OF(at, struct flight, fetch);

		if (strcmp(earlier->ask.q.name.name, domain) == 0)
			earlier->outdated = true;
	}
}

void flight_land(struct flights *flights, struct flight *flight)
{
	if (flight->landed)
		return;
	list_remove(&flight->fetch);
	map_del(&flights->map, &flight->node);
	flight->landed = true;
}

void *flight_waiter(struct flight *flight)
{
	size_t n = flight->told;

	if (n == flight->waiters)
		return NULL;
	flight->told++;
	return n < FLIGHT_SEATS ? flight->seat[n] : flight->more[n - FLIGHT_SEATS];
}

void flight_free(struct flight *flight)
{
	if (flight == NULL)
		return;
	list_remove(&flight->ask.arrived);
	answer_unref(flight->ask.answer);
	answer_unref(flight->ask.q.addr);
	free(flight->more);
	free(flight);
}
