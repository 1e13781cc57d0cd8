//! Vectors of the RFCs, which need the parts, and the ends of the indices.

use aes::cipher::KeyInit;
use aes::{Aes128Enc, Aes256Enc};

use super::keys::{Keys, SessionKeys, key_stream};
use super::sender::{RTCP_INDEX_MAX, RTP_INDEX_MAX};
use super::transform::{Cm, Control, Place, Transform};
use super::{Profile, Receiver, Sender, SrtpError};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

#[test]
fn key_stream_is_that_of_rfc_3711_b_2_and_rfc_6188_7_1() {
    let mut iv = [0; 16];
    iv[..14].copy_from_slice(&hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
    let aes128 = Aes128Enc::new_from_slice(&hex("2B7E151628AED2A6ABF7158809CF4F3C")).unwrap();
    let mut stream = vec![0; 16 * 0xff02];
    key_stream(&aes128, iv, &mut stream);
    assert_eq!(
        stream[..48],
        hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB
             41E95B3BB0A2E8DD477901E4FCA894C0")
    );
    assert_eq!(
        stream[16 * 0xfeff..],
        hex("EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE
             6A2CC3787889374FBEB4C81B17BA6C44")
    );
    let key = hex("57f82fe3613fd170a85ec93c40b1f092 2ec4cb0dc025b58272147cc438944a98");
    let mut stream = vec![0; 16 * 0xff02];
    key_stream(&Aes256Enc::new_from_slice(&key).unwrap(), iv, &mut stream);
    assert_eq!(
        stream[..48],
        hex("92bdd28a93c3f52511c677d08b5515a4 9da71b2378a854f67050756ded165bac
             63c4868b7096d88421b563b8c94c9a31")
    );
    assert_eq!(
        stream[16 * 0xfeff..],
        hex("cea518c90fd91ced9cbb18c078a54711 3dbc4814f4da5f00a08772b63c6a046d
             6eb246913062a16891433e97dd01a57f")
    );
}

#[test]
fn session_keys_are_those_of_rfc_3711_b_3() {
    let master = hex("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
    let keys = Keys::new(Profile::AesCm128HmacSha1_80, &master).unwrap();
    let session = keys.rtp();
    assert_eq!(session.key[..16], hex("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(session.salt.as_slice(), hex("30CBBC08863D8C85D49DB34A9AE1"));
    let mut auth = [0; 94];
    keys.derive(1, &mut auth);
    assert_eq!(
        auth.as_slice(),
        hex("CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE E049646C43D9327AD175578EF7227098
             6371C10C9A369AC2F94A8C5FBCDDDC25 6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2")
    );
    assert_eq!(session.auth.as_slice(), &auth[..20]);
}

#[test]
fn session_keys_are_those_of_rfc_6188_7_2() {
    let master = hex("f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6
                      3b04803de51ee7c96423ab5b78d2");
    let session = Keys::new(Profile::AesCm256HmacSha1_80, &master).unwrap().rtp();
    assert_eq!(
        session.key.as_slice(),
        hex("5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4")
    );
    assert_eq!(session.salt.as_slice(), hex("fa31791685ca444a9e07c6c64e93"));
    assert_eq!(session.auth.as_slice(), hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
}

/// RFC 7714 gives session keys, not master keys: 00 01 02 ..., "Quid pro quo".
fn gcm_keys(profile: Profile) -> SessionKeys {
    let mut session = SessionKeys::default();
    session.salt[..12].copy_from_slice(b"Quid pro quo");
    for (value, byte) in (0..).zip(&mut session.key[..profile.key_bytes()]) {
        *byte = value;
    }
    session
}

#[test]
fn gcm_packets_are_those_of_rfc_7714_16() {
    let header = hex("8040f17b 8041f8d3 5501a0b2");
    let plain = [header.as_slice(), b"Gallia est omnis divisa in partes tres"].concat();
    let place = Place { ssrc: 0x5501_a0b2, index: 0xf17b };
    for (profile, sealed) in [
        (
            Profile::AeadAes128Gcm,
            "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d
             7f27beb1 6a9152cf 765ee439 0cce",
        ),
        (
            Profile::AeadAes256Gcm,
            "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3
             db36dfff d6b0f9bb 7878d7a7 6c13",
        ),
    ] {
        let mut packet = [plain.as_slice(), &[0; 16]].concat();
        let transform = Transform::new(profile, &gcm_keys(profile));
        transform.seal_rtp(&mut packet, 12, 16, place).unwrap();
        assert_eq!(packet, [header.clone(), hex(sealed)].concat());
        transform.open_rtp(&mut packet, 12, 16, place).unwrap();
        assert_eq!(packet[..plain.len()], plain);
    }
}

#[test]
fn gcm_control_packets_are_those_of_rfc_7714_17() {
    let plain = hex("81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                     deadbeef deadbeef deadbeef deadbeef deadbeef");
    let sealed = hex("81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
                      730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4");
    let place = Place { ssrc: 0x4d61_7273, index: 0x5d4 };
    let mut packet = [plain.as_slice(), &[0; 20]].concat();
    let control = Control::new(Profile::AeadAes128Gcm, gcm_keys(Profile::AeadAes128Gcm));
    control.seal(&mut packet, plain.len(), place).unwrap();
    assert_eq!(packet, sealed);
    assert_eq!(control.index_word(&packet), 0x8000_05d4);
    control.open(&mut packet, place).unwrap();
    assert_eq!(packet[..plain.len()], plain);
}

fn pair(profile: Profile) -> (Sender, Receiver) {
    let keys = Keys::new(profile, &vec![7; profile.material_bytes()]).unwrap();
    (Sender::new(&keys), Receiver::new(&keys))
}

#[test]
fn a_key_is_not_used_beyond_its_last_index() {
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        sender.streams.note(0, RTP_INDEX_MAX - 1);
        receiver.streams.note(0, RTP_INDEX_MAX - 1);
        let packet = |sequence: u16| {
            let [high, low] = sequence.to_be_bytes();
            let mut packet = [0; 64];
            packet[..4].copy_from_slice(&[0x80, 8, high, low]);
            packet
        };
        let mut last = packet(0xffff);
        let length = sender.protect(&mut last, 40).unwrap();
        assert_eq!(receiver.unprotect(&mut last[..length]), Ok(40));
        assert_eq!(sender.protect(&mut packet(0), 40), Err(SrtpError::KeyExhausted));
        assert_eq!(receiver.unprotect(&mut packet(0)), Err(SrtpError::KeyExhausted));
        sender.rtcp_index = RTCP_INDEX_MAX - 1;
        let mut report = [0; 64];
        report[..4].copy_from_slice(&[0x80, 201, 0, 1]);
        let length = sender.protect_rtcp(&mut report, 8).unwrap();
        assert_eq!(receiver.unprotect_rtcp(&mut report[..length]), Ok(8));
        report[..4].copy_from_slice(&[0x80, 201, 0, 1]);
        assert_eq!(sender.protect_rtcp(&mut report, 8), Err(SrtpError::KeyExhausted));
        assert_eq!(sender.refused(), 2);
    }
}

#[test]
fn a_direction_takes_little_more_than_a_kilobyte() {
    let inside = size_of::<Cm<Aes128Enc>>();
    assert!(size_of::<Sender>() + inside <= 1300, "{} {inside}", size_of::<Sender>());
    assert!(size_of::<Receiver>() + inside <= 1300, "{} {inside}", size_of::<Receiver>());
}
