/* Replays files through a fuzz target without a fuzzing engine, so that the seeds are regression tests in every build:
 *
 *     fuzz_decode FILE-OR-FOLDER...
 *
 * Each file is given whole and then cut short at every length (only at 4096 lengths spread evenly when it is larger):
 * a message that ends too soon is what hostile traffic looks like most often. The target must neither crash nor trip a
 * sanitizer. Each input is a heap copy of its exact size, so that one byte too far is seen. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

#define MAX_SEED_BYTES (16u << 20)
#define MAX_PREFIXES 4096u
#define MAX_FOLDER_DEPTH 4 /* seeds lie in one folder; the limit only stops a loop of links */

static size_t files_replayed;

static void run_exact_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) {
        perror("malloc");
        exit(2);
    }
    if (size > 0)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void replay_bytes(const uint8_t *bytes, size_t size)
{
    run_exact_copy(bytes, size);
    size_t step = size <= MAX_PREFIXES ? 1 : size / MAX_PREFIXES;
    for (size_t len = 0; len < size; len += step)
        run_exact_copy(bytes, len);
}

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    uint8_t *bytes = malloc(MAX_SEED_BYTES + 1);
    if (bytes == NULL) {
        fclose(file);
        return -1;
    }
    size_t size = fread(bytes, 1, MAX_SEED_BYTES + 1, file);
    fclose(file);
    if (size > MAX_SEED_BYTES) {
        fprintf(stderr, "%s: larger than %u bytes\n", path, MAX_SEED_BYTES);
        free(bytes);
        return -1;
    }
    printf("%s: %zu bytes\n", path, size);
    fflush(stdout); /* the last line printed names the file that crashed */
    replay_bytes(bytes, size);
    free(bytes);
    files_replayed++;
    return 0;
}

static int replay_path(const char *path, int depth);

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of their names, so that a failure is the same every time. Depth: MAX_FOLDER_DEPTH. */
static int replay_folder(const char *path, int depth)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, alphasort);
    if (count < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    int result = 0;
    for (int i = 0; i < count; i++) {
        char child[4096];
        int len = snprintf(child, sizeof child, "%s/%s", path, entries[i]->d_name);
        free(entries[i]);
        if (len < 0 || (size_t)len >= sizeof child || replay_path(child, depth + 1) != 0)
            result = -1;
    }
    free(entries);
    return result;
}

static int replay_path(const char *path, int depth)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    if (!S_ISDIR(status.st_mode))
        return replay_file(path);
    if (depth >= MAX_FOLDER_DEPTH) {
        fprintf(stderr, "%s: too deep\n", path);
        return -1;
    }
    return replay_folder(path, depth);
}

int main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    int result = 0;
    for (int i = 1; i < argc; i++)
        if (replay_path(argv[i], 0) != 0)
            result = 1;
    if (files_replayed == 0) {
        fprintf(stderr, "%s: no file was replayed; usage: %s FILE-OR-FOLDER...\n", argv[0], argv[0]);
        result = 1;
    }
    printf("%zu files replayed\n", files_replayed);
    return result;
}
