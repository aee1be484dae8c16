/* Named pipes on SMB: what is written to and read from one is a stream of DCE/RPC messages ([MS-RPCE] 2.1.1.2). */
#ifndef CD_PROTOCOLS_SMB_PIPE_H
#define CD_PROTOCOLS_SMB_PIPE_H

#include "protocols/smb.h"

/* A pipe's number in its connection, to remember with a request; never 0. */
uint64_t cd_smb_pipe_note(const struct cd_smb_state *s, const struct cd_smb_open *open);
/* The pipe that these bytes were written to: told by its opening or, where that was before the capture, by the bytes. NULL where it is none. */
const struct cd_smb_open *cd_smb_pipe_of(struct cd_smb_state *s, const struct cd_smb_open *open, uint64_t file,
                                         uint32_t tree, const struct cd_reader *bytes);
/* Bytes that went through a pipe, in the message's direction; `whole` is their number, of which the end may be missing. */
void cd_smb_pipe_carry(struct cd_message *m, uint64_t note, struct cd_reader bytes, uint32_t whole);

#endif
