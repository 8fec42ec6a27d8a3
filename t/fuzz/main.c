/* Replays inputs through a fuzz target without a fuzzing engine: files and folders given as arguments. */
#include <apr_file_info.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int replay(apr_pool_t *p, const char *path);

static int replay_folder(apr_pool_t *p, const char *path)
{
    apr_dir_t *folder;
    apr_finfo_t info;
    int count = 0;

    if (apr_dir_open(&folder, path, p) != APR_SUCCESS) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(99);
    }
    while (apr_dir_read(&info, APR_FINFO_NAME, folder) == APR_SUCCESS) {
        if (info.name[0] != '.') {
            count += replay(p, apr_pstrcat(p, path, "/", info.name, NULL));
        }
    }
    apr_dir_close(folder);
    return count;
}

/* The number of inputs replayed. */
static int replay(apr_pool_t *p, const char *path)
{
    apr_finfo_t info;
    apr_size_t len;
    char *text, *exact;

    if (apr_stat(&info, path, APR_FINFO_TYPE, p) == APR_SUCCESS && info.filetype == APR_DIR) {
        return replay_folder(p, path);
    }
    text = fixture_file(p, path, &len);
    if (!text) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(99);
    }
    /* A block of just this size, so that AddressSanitizer sees a read beyond the input. */
    exact = apr_pmemdup(p, text, len);
    LLVMFuzzerTestOneInput((const uint8_t *)exact, len);
    return 1;
}

int main(int argc, char **argv)
{
    apr_pool_t *p;
    int i, count = 0;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return 99;
    }
    for (i = 1; i < argc; i++) {
        count += replay(p, argv[i]);
    }
    printf("%d inputs replayed\n", count);
    return count ? 0 : 99;
}
