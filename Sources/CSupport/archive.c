struct archive;
struct archive_entry;

/*
 * libarchive's tar writer calls this for an entry that tar cannot hold, and kdoctor writes regular files only. In
 * libarchive.a it stands in one object with the table of all formats, which needs libxml2: with this one in its place
 * that object is not linked.
 */
void __archive_write_entry_filetype_unsupported(
    struct archive *archive, struct archive_entry *entry, const char *format) {
  (void)archive;
  (void)entry;
  (void)format;
}
