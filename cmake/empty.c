/* A room without sources yet still needs one file to be a library. */
typedef int att_empty_room;

