/* tfevents.c - see tfevents.h. */
#include "dlexp/formats/tfevents.h"

#include <assert.h>
#include <string.h>

enum { EVENT_SIZE = 512, TAG_MOST = 256 };

/* A field's number and what follows it, as protocol buffers have it. */
enum wire { VARINT = 0, EIGHT_BYTES = 1, LENGTH = 2, FOUR_BYTES = 5 };
enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION_LOG = 7 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SIMPLE = 2, SESSION_LOG_STATUS = 1, SESSION_START = 1 };

struct message {
    unsigned char bytes[EVENT_SIZE];
    size_t size;
};

uint32_t tfevents_crc(const void *data, size_t size)
{
    const unsigned char *bytes = data;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return ~crc;
}

static void put(struct message *message, const void *bytes, size_t size)
{
    assert(size <= EVENT_SIZE - message->size);
    memcpy(message->bytes + message->size, bytes, size);
    message->size += size;
}

static void put_little(struct message *message, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const unsigned char byte = (unsigned char)(value >> 8 * i);
        put(message, &byte, 1);
    }
}

static void put_varint(struct message *message, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_little(message, (value & 0x7f) | 0x80, 1);
    put_little(message, value, 1);
}

static void put_key(struct message *message, unsigned field, enum wire wire)
{
    put_varint(message, field << 3 | (unsigned)wire);
}

static void put_bytes(struct message *message, unsigned field, const void *bytes, size_t size)
{
    put_key(message, field, LENGTH);
    put_varint(message, size);
    put(message, bytes, size);
}

static struct message event_at(int64_t step)
{
    struct message event = {.size = 0};
    put_key(&event, EVENT_WALL_TIME, EIGHT_BYTES);
    put_little(&event, 0, 8);
    put_key(&event, EVENT_STEP, VARINT);
    put_varint(&event, (uint64_t)step);
    return event;
}

static uint32_t masked(uint32_t crc)
{
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void write_record(FILE *out, const struct message *event)
{
    struct message head = {.size = 0}, foot = {.size = 0};
    put_little(&head, event->size, 8);
    put_little(&head, masked(tfevents_crc(head.bytes, 8)), 4);
    put_little(&foot, masked(tfevents_crc(event->bytes, event->size)), 4);
    fwrite(head.bytes, 1, head.size, out);
    fwrite(event->bytes, 1, event->size, out);
    fwrite(foot.bytes, 1, foot.size, out);
}

void tfevents_begin(FILE *out, int64_t step)
{
    static const char version[] = "brain.Event:2";
    struct message event = event_at(0), log = {.size = 0};
    put_bytes(&event, EVENT_VERSION, version, sizeof version - 1);
    write_record(out, &event);
    event = event_at(step);
    put_key(&log, SESSION_LOG_STATUS, VARINT);
    put_varint(&log, SESSION_START);
    put_bytes(&event, EVENT_SESSION_LOG, log.bytes, log.size);
    write_record(out, &event);
}

void tfevents_scalar(FILE *out, int64_t step, const char *tag, double value)
{
    struct message event = event_at(step), summary = {.size = 0}, scalar = {.size = 0};
    const float single = (float)value;
    uint32_t bits;
    assert(strlen(tag) <= TAG_MOST);
    memcpy(&bits, &single, sizeof bits);
    put_bytes(&scalar, VALUE_TAG, tag, strlen(tag));
    put_key(&scalar, VALUE_SIMPLE, FOUR_BYTES);
    put_little(&scalar, bits, 4);
    put_bytes(&summary, SUMMARY_VALUE, scalar.bytes, scalar.size);
    put_bytes(&event, EVENT_SUMMARY, summary.bytes, summary.size);
    write_record(out, &event);
}
