import CVectorscan
import Glibc
import Model

/// All signatures compiled into one automaton, which finds them in one pass.
///
/// Immutable after `init`, and vectorscan promises that a database may be shared between threads (each with its own
/// scratch): hence `@unchecked`.
/// - SeeAlso: https://intel.github.io/hyperscan/dev-reference/
public final class SignatureDatabase: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Compiles `expressions`; a match reports the index.
  ///
  /// The platform is the generic one, so that the serialised form loads on every machine of this architecture.
  public init(compiling expressions: [String]) throws {
    var platform = hs_platform_info_t(tune: 0, cpu_features: 0, reserved1: 0, reserved2: 0)
    let texts = expressions.map { Array($0.utf8CString) }
    var pointers: [UnsafePointer<CChar>?] = []
    // The buffers must outlive the call; one allocation holds them all.
    let total = texts.reduce(0) { $0 + $1.count }
    let storage = UnsafeMutablePointer<CChar>.allocate(capacity: max(total, 1))
    defer { storage.deallocate() }
    var offset = 0
    for text in texts {
      (storage + offset).update(from: text, count: text.count)
      pointers.append(UnsafePointer(storage + offset))
      offset += text.count
    }
    let flags = [UInt32](repeating: UInt32(HS_FLAG_CASELESS), count: texts.count)
    let ids = (0..<UInt32(texts.count)).map { $0 }
    var database: OpaquePointer?
    var failure: UnsafeMutablePointer<hs_compile_error_t>?
    let code = hs_compile_multi(
      pointers, flags, ids, UInt32(texts.count), UInt32(HS_MODE_BLOCK), &platform, &database, &failure)
    if code != HS_SUCCESS {
      let index = failure.map { Int($0.pointee.expression) } ?? -1
      let message = failure.flatMap { $0.pointee.message.map { String(cString: $0) } } ?? "cannot be compiled"
      hs_free_compile_error(failure)
      throw SignatureError(index: index, message: message)
    }
    guard let database else { throw SignatureError(index: -1, message: "no database was made") }
    pointer = database
  }

  /// Loads what `serialized` gave.
  public init(deserializing bytes: UnsafeRawBufferPointer) throws {
    var database: OpaquePointer?
    let code = hs_deserialize_database(
      bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, &database)
    guard code == HS_SUCCESS, let database else {
      throw SignatureError(index: -1, message: "the signature database does not load (code \(code))")
    }
    pointer = database
  }

  deinit { hs_free_database(pointer) }

  /// The database as bytes, for this architecture and version of vectorscan.
  public func serialized() throws -> [UInt8] {
    var bytes: UnsafeMutablePointer<CChar>?
    var count = 0
    guard hs_serialize_database(pointer, &bytes, &count) == HS_SUCCESS, let bytes else {
      throw SignatureError(index: -1, message: "the signature database cannot be saved")
    }
    defer { free(bytes) }
    return Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }
}
