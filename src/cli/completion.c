/* The shells for which there is a completion. */
#include "dlexp/cli/completion.h"

#include <assert.h>

#include "completion_parts.h"

static const struct {
    const char *name;
    void (*print)(const struct program *program, FILE *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

enum { SHELLS = sizeof shells / sizeof *shells };

bool completion_shell(size_t index, const char **name)
{
    if (index < SHELLS)
        *name = shells[index].name;
    return index < SHELLS;
}

void completion_print(size_t shell, const struct program *program, FILE *out)
{
    assert(shell < SHELLS);
    shells[shell].print(program, out);
}
