/* Which share and which file a number stands for: told by requests and responses, kept for a bounded number of each. */
#include "protocols/smb.h"

#include "base/memory.h"

#include <string.h>

static struct cd_smb_files *files_of(struct cd_smb_state *s)
{
    if (!s->files)
        s->files = cd_alloc(1, sizeof *s->files);
    return s->files;
}

/* ---- shares ---- */

static struct cd_smb_tree *find_tree(const struct cd_smb_state *s, uint32_t id)
{
    if (!s->files)
        return NULL;
    for (unsigned i = 0; i < CD_SMB_TREES; i++) {
        struct cd_smb_tree *t = &s->files->trees[i];
        if (t->used && t->known && t->id == id)
            return t;
    }
    return NULL;
}

void cd_smb_tree_request(struct cd_smb_state *s, uint64_t request, const char *path)
{
    struct cd_smb_files *f = files_of(s);
    unsigned at = f->next_tree;
    for (unsigned i = 0; i < CD_SMB_TREES; i++) /* a free place before the oldest */
        if (!f->trees[(f->next_tree + i) % CD_SMB_TREES].used) {
            at = (f->next_tree + i) % CD_SMB_TREES;
            break;
        }
    f->next_tree = (uint8_t)((at + 1) % CD_SMB_TREES);
    struct cd_smb_tree *t = &f->trees[at];
    *t = (struct cd_smb_tree){.request = request, .used = true};
    struct cd_text text = cd_text_of(t->path, sizeof t->path);
    cd_text_str(&text, path);
}

const char *cd_smb_tree_response(struct cd_smb_state *s, uint64_t request, uint32_t tree, bool ok)
{
    if (!s->files)
        return "";
    for (unsigned i = 0; i < CD_SMB_TREES; i++) {
        struct cd_smb_tree *t = &s->files->trees[i];
        if (!t->used || t->known || t->request != request)
            continue;
        struct cd_smb_tree *old = ok ? find_tree(s, tree) : NULL;
        if (old)
            old->used = false;
        t->used = t->known = ok;
        t->id = tree;
        return t->path;
    }
    return "";
}

void cd_smb_tree_close(struct cd_smb_state *s, uint32_t tree)
{
    struct cd_smb_tree *t = find_tree(s, tree);
    if (t)
        t->used = false;
}

/* ---- open files ---- */

static void forget(struct cd_smb_files *f, struct cd_smb_open *o)
{
    if (o->used && o->pipe && f->pipes)
        f->pipes--;
    cd_free(o->rpc);
    *o = (struct cd_smb_open){0};
}

static bool is_ipc(const struct cd_smb_state *s, uint32_t tree)
{
    const struct cd_smb_tree *t = find_tree(s, tree);
    size_t len = t ? strlen(t->path) : 0;
    return len >= 4 && (memcmp(t->path + len - 4, "IPC$", 4) == 0 || memcmp(t->path + len - 4, "ipc$", 4) == 0);
}

/* A free place, or that of the oldest. */
static struct cd_smb_open *new_open(struct cd_smb_files *f)
{
    unsigned at = f->next_open;
    for (unsigned i = 0; i < CD_SMB_OPENS; i++)
        if (!f->opens[(f->next_open + i) % CD_SMB_OPENS].used) {
            at = (f->next_open + i) % CD_SMB_OPENS;
            break;
        }
    f->next_open = (uint8_t)((at + 1) % CD_SMB_OPENS);
    forget(f, &f->opens[at]);
    f->opens[at].used = true;
    return &f->opens[at];
}

void cd_smb_open_request(struct cd_smb_state *s, uint64_t request, uint32_t tree, const char *name)
{
    struct cd_smb_files *f = files_of(s);
    struct cd_smb_open *o = new_open(f);
    o->request = request;
    o->tree = tree;
    o->pipe = is_ipc(s, tree);
    f->pipes = (uint8_t)(f->pipes + o->pipe);
    struct cd_text text = cd_text_of(o->name, sizeof o->name);
    cd_text_str(&text, name);
}

struct cd_smb_open *cd_smb_open_as_pipe(struct cd_smb_state *s, uint64_t file, uint32_t tree)
{
    struct cd_smb_files *f = files_of(s);
    struct cd_smb_open *o = cd_smb_open_find(s, file);
    if (o && o->pipe)
        return o;
    if (find_tree(s, o ? o->tree : tree)) /* a share that is known to have files */
        return NULL;
    if (!o)
        o = new_open(f);
    o->file = file;
    o->tree = tree;
    o->known = o->pipe = true;
    f->pipes++;
    return o;
}

struct cd_smb_open *cd_smb_open_of_request(const struct cd_smb_state *s, uint64_t request)
{
    if (!s->files)
        return NULL;
    for (unsigned i = 0; i < CD_SMB_OPENS; i++) {
        struct cd_smb_open *o = &s->files->opens[i];
        if (o->used && !o->known && o->request == request)
            return o;
    }
    return NULL;
}

struct cd_smb_open *cd_smb_open_find(const struct cd_smb_state *s, uint64_t file)
{
    if (!s->files)
        return NULL;
    for (unsigned i = 0; i < CD_SMB_OPENS; i++) {
        struct cd_smb_open *o = &s->files->opens[i];
        if (o->used && o->known && o->file == file)
            return o;
    }
    return NULL;
}

void cd_smb_open_response(struct cd_smb_state *s, uint64_t request, uint64_t file, bool ok)
{
    struct cd_smb_open *o = cd_smb_open_of_request(s, request);
    if (!o)
        return;
    if (!ok) {
        forget(s->files, o);
        return;
    }
    struct cd_smb_open *old = cd_smb_open_find(s, file);
    if (old)
        forget(s->files, old);
    o->known = true;
    o->file = file;
}

void cd_smb_open_close(struct cd_smb_state *s, uint64_t file)
{
    struct cd_smb_open *o = cd_smb_open_find(s, file);
    if (o)
        forget(s->files, o);
}

void cd_smb_files_free(struct cd_smb_state *s)
{
    for (unsigned i = 0; s->files && i < CD_SMB_OPENS; i++)
        cd_free(s->files->opens[i].rpc);
    cd_free(s->files);
    s->files = NULL;
}

/* ---- as text ---- */

void cd_text_smb_tree(struct cd_text *t, const struct cd_smb_state *s, uint32_t tree)
{
    const struct cd_smb_tree *known = find_tree(s, tree);
    if (known)
        cd_text_str(t, known->path);
}

void cd_text_smb_file(struct cd_text *t, const struct cd_smb_state *s, uint32_t tree, const char *name)
{
    cd_text_smb_tree(t, s, tree);
    if (*name == '\0')
        return;
    if (*name != '\\')
        cd_text_char(t, '\\');
    cd_text_str(t, name);
}

void cd_text_smb_open(struct cd_text *t, const struct cd_smb_state *s, uint32_t tree, const struct cd_smb_open *open)
{
    if (open)
        cd_text_smb_file(t, s, open->tree, open->name);
    else
        cd_text_smb_tree(t, s, tree);
}
