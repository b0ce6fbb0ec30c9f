/* Names and hashes of model files. */
#include "models.h"

#include <string.h>

static const char ending[] = ".safetensors";

bool models_is_one(const char *name)
{
    const size_t length = strlen(name), most = sizeof ending - 1;
    return length > most && strcmp(name + length - most, ending) == 0;
}

bool models_digits(char digits[MODELS_DIGITS + 1], const char *name)
{
    const size_t length = strlen(name), most = sizeof ending - 1;
    if (!models_is_one(name) || length < most + MODELS_DIGITS)
        return false;
    memcpy(digits, name + length - most - MODELS_DIGITS, MODELS_DIGITS);
    digits[MODELS_DIGITS] = '\0';
    return strspn(digits, "0123456789abcdef") == MODELS_DIGITS;
}

bool models_has_hash(const struct record *record, const char *sha256, bool *told)
{
    static const char key[] = "model_sha256";
    bool has = false;
    for (size_t i = 0; i < record->value_count; i++) {
        const char *name = record->values[i].name;
        const size_t length = strlen(name);
        if (length < sizeof key - 1 || strcmp(name + length - (sizeof key - 1), key) != 0)
            continue;
        *told = true;
        has |= strcmp(record->values[i].text, sha256) == 0;
    }
    return has;
}
