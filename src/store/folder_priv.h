/* folder_priv.h - names inside a run folder. */
#pragma once

/* "folder/name" on the heap; NULL when out of memory. */
char *att_folder_path(const char *folder, const char *name);
