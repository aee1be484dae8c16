#include "protocols/smb_pipe.h"

uint64_t cd_smb_pipe_note(const struct cd_smb_state *s, const struct cd_smb_open *open)
{
    return (uint64_t)(open - s->files->opens) + 1;
}

void cd_smb_pipe_carry(struct cd_message *m, uint64_t note, struct cd_reader bytes, uint32_t whole)
{
    (void)m;
    (void)note;
    (void)bytes;
    (void)whole;
}
