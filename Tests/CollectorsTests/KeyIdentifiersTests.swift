import Model
import Testing

@testable import Collectors

@Suite struct KeyIdentifiersTests {
  /// Two authorities of the same name, and a certificate that the second issued.
  private let first = """
    -----BEGIN CERTIFICATE-----
    MIIBfzCCASWgAwIBAgIUfC2TpOezGvuTfSJTKO5FNRcALh8wCgYIKoZIzj0EAwIw
    FTETMBEGA1UEAwwKa3ViZXJuZXRlczAeFw0yNjExMjUxMDI1MjNaFw0zNjExMjIx
    MDI1MjNaMBUxEzARBgNVBAMMCmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAATWcxj8s0tprghMM/35ANZPAJn+2XySViaaoX5aGQK/b2cTcDd8HqQY
    Kc7WQt3dlV/q0XyZ7IlaDz7gCQJZ/1Vqo1MwUTAdBgNVHQ4EFgQUcabuax6H5M/s
    NZhJKQb77HDWWzMwHwYDVR0jBBgwFoAUcabuax6H5M/sNZhJKQb77HDWWzMwDwYD
    VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBN1CW1P987yoJxENXdBL4e
    FqjN1TeFQi335OfVTm85OgIhALMng30yqpN7G8hTNUpA2ZHo+cHZPipM5pTgjLu6
    bRzH
    -----END CERTIFICATE-----
    """
  private let second = """
    -----BEGIN CERTIFICATE-----
    MIIBfzCCASWgAwIBAgIUJl4tRhGQQaU08W/NO9OboyipXFEwCgYIKoZIzj0EAwIw
    FTETMBEGA1UEAwwKa3ViZXJuZXRlczAeFw0yNjExMjUxMDI1MjNaFw0zNjExMjIx
    MDI1MjNaMBUxEzARBgNVBAMMCmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAASlTSmVPOzUoOS83r/MnIcPtyvSSUJOLAoJLFaqARCAXoT6HAoKVAVt
    bUDxV+JOTHwU7fXvRG9SB/lpIfE0R4dLo1MwUTAdBgNVHQ4EFgQUo3T7LwTxDN+7
    2DdSnb8WE/w5ANQwHwYDVR0jBBgwFoAUo3T7LwTxDN+72DdSnb8WE/w5ANQwDwYD
    VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiA8LsRdrSGa+uN3cEWXvRol
    qIwzQL0kD4yfmd9ZuwMWDgIhAJCSrlAA2xAjA5ue871K6BCxopn+RI9xA3JP+W+/
    THO6
    -----END CERTIFICATE-----
    """
  private let issued = """
    -----BEGIN CERTIFICATE-----
    MIIBcjCCARigAwIBAgIUTwzCwABVDITAzQUSLrSx0A3wBtowCgYIKoZIzj0EAwIw
    FTETMBEGA1UEAwwKa3ViZXJuZXRlczAeFw0yNjExMjUxMDI1MjNaFw0zNjExMjIx
    MDI1MjNaMBkxFzAVBgNVBAMMDmt1YmUtYXBpc2VydmVyMFkwEwYHKoZIzj0CAQYI
    KoZIzj0DAQcDQgAE/J1z42Ld+zIXqE/dpkONvaLHZB09yXwVrBvTt2gzAnaqivwg
    1OuEmaf2+OEwBMoJ6wyPwvvsJq1Y8Se5JXpCpKNCMEAwHwYDVR0jBBgwFoAUo3T7
    LwTxDN+72DdSnb8WE/w5ANQwHQYDVR0OBBYEFP4uGBshrtYjfOzAvAzAnG9m00Uw
    MAoGCCqGSM49BAMCA0gAMEUCIQCDUO6ntymEsc5z9jLY3g6glaaaqe12BW8PfZwN
    Ij2PswIgVehzKhxtL8AyAPIsIo2N85ZvbtJtrg7S8XIHNqzwFFY=
    -----END CERTIFICATE-----
    """

  private func findings(authority: String) -> [(path: String, all: [Certificate])] {
    [("/etc/kubernetes/pki/ca.crt", authority), ("/etc/kubernetes/pki/apiserver.crt", issued)]
      .map { ($0.0, Certificate.all(pem: $0.1) ?? []) }
  }

  @Test func findsTheCertificateOfAnotherAuthority() {
    #expect(KeyIdentifiers.foreign(in: findings(authority: first)) == ["/etc/kubernetes/pki/apiserver.crt"])
  }

  @Test func acceptsTheCertificateOfItsAuthority() {
    #expect(KeyIdentifiers.foreign(in: findings(authority: second)) == [])
    #expect(KeyIdentifiers.foreign(in: findings(authority: first + "\n" + second)) == [])
  }

  @Test func saysNothingWithoutTheAuthority() {
    #expect(KeyIdentifiers.foreign(in: Array(findings(authority: first).dropFirst())) == nil)
  }

  @Test(arguments: [[], [0x30], [0x30, 0x02, 0x30, 0x00], Array(repeating: UInt8(0x30), count: 64)])
  func survivesBytesThatAreNoCertificate(bytes: [UInt8]) {
    let identifiers = KeyIdentifiers(der: bytes)
    #expect(identifiers.own == nil && identifiers.issuer == nil)
  }
}
