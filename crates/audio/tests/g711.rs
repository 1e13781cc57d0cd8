//! G.711 against an implementation by others, on every input there is.

use careline_audio::g711::{A_TO_U, Law, SILENCE_A, SILENCE_U, U_TO_A, decode, encode, transcode};

#[test]
fn every_byte_decodes_and_every_sample_encodes_as_the_oracle_says() {
    for byte in 0..=255 {
        assert_eq!(decode(Law::A, byte), ezk_g711::alaw::decode(byte), "A {byte:#x}");
        assert_eq!(decode(Law::U, byte), ezk_g711::mulaw::decode(byte), "U {byte:#x}");
        let through_u = ezk_g711::mulaw::encode(ezk_g711::alaw::decode(byte));
        let through_a = ezk_g711::alaw::encode(ezk_g711::mulaw::decode(byte));
        assert_eq!(A_TO_U[usize::from(byte)], through_u);
        assert_eq!(U_TO_A[usize::from(byte)], through_a);
    }
    for sample in i16::MIN..=i16::MAX {
        assert_eq!(encode(Law::A, sample), ezk_g711::alaw::encode(sample), "A {sample}");
        assert_eq!(encode(Law::U, sample), ezk_g711::mulaw::encode(sample), "U {sample}");
    }
}

#[test]
fn silence_is_the_code_of_zero() {
    assert_eq!(encode(Law::A, 0), SILENCE_A);
    assert_eq!(encode(Law::U, 0), SILENCE_U);
    assert_eq!(Law::A.silence(), SILENCE_A);
}

#[test]
fn payload_types_name_the_laws() {
    for law in [Law::A, Law::U] {
        assert_eq!(Law::of_payload_type(law.payload_type()), Some(law));
    }
    assert_eq!(Law::of_payload_type(9), None);
}

#[test]
fn transcoding_changes_a_payload_only_between_different_laws() {
    let original: Vec<u8> = (0..=255).collect();
    let mut payload = original.clone();
    transcode(Law::A, Law::A, &mut payload);
    assert_eq!(payload, original);
    transcode(Law::A, Law::U, &mut payload);
    assert_eq!(payload[..], A_TO_U[..]);
}
