#include "protocols/smb_pipe.h"

#include "base/memory.h"
#include "protocols/dcerpc.h"

uint64_t cd_smb_pipe_note(const struct cd_smb_state *s, const struct cd_smb_open *open)
{
    return (uint64_t)(open - s->files->opens) + 1;
}

static bool begins_rpc(const struct cd_reader *bytes)
{
    enum { REPRESENTATION_AT = 4, LITTLE_ENDIAN_ASCII = 0x10 };
    return bytes->len >= CD_DCERPC_HEADER && cd_dcerpc_length(bytes->base, bytes->len) >= CD_DCERPC_HEADER &&
           bytes->base[REPRESENTATION_AT] == LITTLE_ENDIAN_ASCII && bytes->base[REPRESENTATION_AT + 1] == 0;
}

const struct cd_smb_open *cd_smb_pipe_of(struct cd_smb_state *s, const struct cd_smb_open *open, uint64_t file,
                                         uint32_t tree, const struct cd_reader *bytes)
{
    if (open && open->pipe)
        return open;
    return begins_rpc(bytes) ? cd_smb_open_as_pipe(s, file, tree) : NULL;
}

void cd_smb_pipe_carry(struct cd_message *m, uint64_t note, struct cd_reader bytes, uint32_t whole)
{
    struct cd_smb_state *s = m->state;
    if (note == 0 || note > CD_SMB_OPENS || !s->files || bytes.len == 0)
        return;
    struct cd_smb_open *open = &s->files->opens[note - 1];
    if (!open->used || !open->pipe) /* closed since, and its place taken */
        return;
    if (!open->rpc) {
        open->rpc = cd_alloc(1, sizeof *open->rpc);
        open->rpc->channel = (uint32_t)note;
    }
    cd_dcerpc_carry(m, open->rpc, bytes, whole);
}
