import Model
import Testing

@testable import Collectors

@Suite struct PressureTests {
  private func collect(_ source: MemorySource) -> Collected { PressureCollector.collect(from: source, known: [:]) }

  @Test func readsTheLastMinute() {
    let text = "some avg10=1.00 avg60=12.50 avg300=3.00 total=1\nfull avg10=0.00 avg60=4.25 avg300=0.00 total=1\n"
    let facts = values(
      collect(MemorySource(files: ["/proc/pressure/cpu": text, "/proc/pressure/memory": text])))
    #expect(facts["pressure.cpuPercent"] == .number(12.5))
    #expect(facts["pressure.memoryPercent"] == .number(4.25))
    #expect(facts["pressure.ioPercent"] == .some(nil))
  }

  @Test func whatWasNotCapturedIsNotKnown() {
    #expect(collect(MemorySource(open: ["/proc"])).facts.isEmpty)
    let odd = collect(MemorySource(files: ["/proc/pressure/cpu": "some avg10=x\n"]))
    #expect(odd.unknown["pressure.cpuPercent"] != nil)
  }
}
