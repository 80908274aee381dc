import Glibc
import Model

extension LogInputs {
  /// Archives are gone through at most this often to read their large files in the order of their names.
  private static let passLimit = 24

  /// Reads the files `paths` of `tree` as logs, in this order, whatever their order in an archive.
  mutating func read(_ paths: [String], of tree: CapturedTree) {
    prefix = nil
    switch tree.place {
    case .folder(let root): read(paths, below: root)
    case .archive(let file): read(paths, of: tree, in: file)
    }
    if let failure = tree.failure { fail(tree.name, failure) }
  }

  private mutating func read(_ paths: [String], below root: String) {
    let journals = paths.filter { $0.hasSuffix(".journal") || $0.hasSuffix(".journal~") }.map { root + "/" + $0 }
    if !journals.isEmpty { readJournals(journals, name: root) }
    for path in paths where !sink.isCancelled {
      let local = root + "/" + path
      var status = stat()
      guard !journals.contains(local), lstat(local, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        status.st_size > 0
      else { continue }
      readFile(local, status)
    }
  }

  private mutating func read(_ paths: [String], of tree: CapturedTree, in file: OpenFile) {
    var rest = paths.compactMap { path in tree.entry(path).map { (path: path, entry: $0) } }[...]
    var passes = 0
    while let next = rest.first, !sink.isCancelled {
      if let contents = next.entry.contents {
        read(contents: contents, name: tree.name + ":" + next.path, modified: next.entry.status.modified)
        rest.removeFirst()
      } else {
        passes += 1
        let before = rest.count
        if passes > Self.passLimit { return readInArchiveOrder(rest, of: tree, in: file) }
        pass(over: file, of: tree, &rest)
        // What a damaged archive no longer gives was said when it was listed.
        if rest.count == before { rest.removeFirst() }
      }
    }
  }

  /// Reads those of the first files of `rest` that stand in the archive in this order.
  private mutating func pass(
    over file: OpenFile, of tree: CapturedTree, _ rest: inout ArraySlice<(path: String, entry: CapturedTree.Entry)>
  ) {
    lseek(file.descriptor, 0, SEEK_SET)
    let state = ReadState(descriptor: file.descriptor, head: [])
    var archive = Archive(descriptor: file.descriptor, head: [])
    let sink = sink
    try? ArchiveWalk.entries(of: state) { (entry, pointer) throws(ReadError) -> Bool in
      guard let next = rest.first, next.entry.contents == nil, next.entry.ordinal >= entry.ordinal, !sink.isCancelled
      else { return false }
      guard entry.ordinal == next.entry.ordinal else { return true }
      rest.removeFirst()
      try archive.readEntry(
        pointer, state, tree.name + ":" + next.path, LogTime(seconds: entry.status.modified, hasZone: true), 0
      ) { BlockFeeder(sink, name: $0, modified: $1) }
      return true
    }
    take(archive)
  }

  private mutating func readInArchiveOrder(
    _ rest: ArraySlice<(path: String, entry: CapturedTree.Entry)>, of tree: CapturedTree, in file: OpenFile
  ) {
    for next in rest.sorted(by: { $0.entry.ordinal < $1.entry.ordinal }) where !sink.isCancelled {
      guard let contents = next.entry.contents else { continue }
      read(contents: contents, name: tree.name + ":" + next.path, modified: next.entry.status.modified)
    }
    var large = rest.filter { $0.entry.contents == nil }.sorted { $0.entry.ordinal < $1.entry.ordinal }[...]
    pass(over: file, of: tree, &large)
  }

  /// Reads a file that is in memory.
  mutating func read(contents: [UInt8], name: String, modified: Double) {
    let time = LogTime(seconds: modified, hasZone: true)
    if Archive.isPacked(contents) || contents.starts(with: Array("LPKSHHRH".utf8)) {
      var archive = Archive(descriptor: -1, head: contents)
      do throws(ReadError) {
        if Archive.isPacked(contents) {
          try archive.read(name: name, modified: time, depth: 1) { [sink] in
            BlockFeeder(sink, name: $0, modified: $1)
          }
        } else {
          let feeder = BlockFeeder(sink, name: name, modified: time)
          try archive.readJournal(contents, into: feeder)
          if feeder.finish() { readCount += 1 }
        }
      } catch {
        fail(name, error)
      }
      return take(archive)
    }
    let feeder = BlockFeeder(sink, name: name, modified: time)
    feeder.add(contents)
    if feeder.finish() { readCount += 1 }
  }

  private mutating func take(_ archive: Archive) {
    readCount += archive.readCount
    for failure in archive.failures { fail(failure.name, failure.error) }
  }
}
