//! Postcodes: form only, by the letters that BS 7666 allows in each place. Whether one exists needs a directory.

use std::fmt;

/// A postcode of the right form, or a stated special value of health and care data.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Postcode {
    /// Outward and inward part with one space.
    Home(String),
    /// A pseudo-code beginning ZZ99: no fixed abode, address not known, overseas. It is never an address.
    Pseudo(String),
}

/// The text is not a postcode. Nothing is guessed: O for 0 and I for 1 are asked back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a postcode: check it letter by letter, for instance M6 8HD")]
pub struct BadPostcode;

impl Postcode {
    /// Reads a postcode in any case, with or without its space.
    ///
    /// # Errors
    /// [`BadPostcode`] when no postcode has this form.
    pub fn parse(text: &str) -> Result<Self, BadPostcode> {
        let text = text.trim();
        if text.len() > 16 || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '\u{a0}') {
            return Err(BadPostcode);
        }
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        if !(5..=7).contains(&plain.len()) {
            return Err(BadPostcode);
        }
        let (outward, inward) = plain.split_at(plain.len() - 3);
        let code = format!("{outward} {inward}");
        let digit_and_letters =
            matches!(inward.as_bytes(), [d, a, b] if d.is_ascii_digit() && a.is_ascii_alphabetic() && b.is_ascii_alphabetic());
        if outward == "ZZ99" && digit_and_letters {
            // Pseudo-codes use the letters that real ones leave out.
            Ok(Self::Pseudo(code))
        } else if code == "GIR 0AA" || is_outward(outward.as_bytes()) && is_inward(inward.as_bytes()) {
            Ok(Self::Home(code))
        } else {
            Err(BadPostcode)
        }
    }

    /// The code when it stands for a place where somebody can live.
    #[must_use]
    pub fn home(&self) -> Option<&str> {
        match self {
            Self::Home(code) => Some(code),
            Self::Pseudo(_) => None,
        }
    }

    /// The letters before the first digit: the area, for instance `OL` for Oldham.
    #[must_use]
    pub fn area(&self) -> Option<&str> {
        self.home().and_then(|code| code.split(|c: char| c.is_ascii_digit()).next())
    }
}

fn is_inward(inward: &[u8]) -> bool {
    let unit = |b: &u8| b.is_ascii_uppercase() && !b"CIKMOV".contains(b);
    matches!(inward, [sector, one, two] if sector.is_ascii_digit() && unit(one) && unit(two))
}

fn is_outward(outward: &[u8]) -> bool {
    let first = |b: &u8| b.is_ascii_uppercase() && !b"QVX".contains(b);
    let second = |b: &u8| b.is_ascii_uppercase() && !b"IJZ".contains(b);
    let digit = u8::is_ascii_digit;
    match outward {
        [a, d] => first(a) && digit(d),
        [a, d, e] if digit(d) => first(a) && (digit(e) || b"ABCDEFGHJKPSTUW".contains(e)),
        [a, b, d] => first(a) && second(b) && digit(d),
        [a, b, d, e] => first(a) && second(b) && digit(d) && (digit(e) || b"ABEHMNPRVWXY".contains(e)),
        _ => false,
    }
}

impl fmt::Debug for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[postcode]")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "M6 8HD,M8 5RB,L9 7AL,S5 7AU,B4 6NH,N18 1QX,N19 5NF,E13 8SL,L35 5DR,B15 2WB,S60 2UD,BL4 0JR,OL1 2JH,SK2 7JE,BD9 6RJ,\
        LS1 3EX,HX3 0PW,WF1 4DG,DN2 5LT,DY1 2HQ,NW10 7NS,BD20 6TD,WV10 0QP,SW17 0QT,W1G 8PH,WC1N 3HR,EC1A 1BB,SW1A 1AA,W1A 0AX,GIR 0AA";
    const BAD: &str = ",M6,8HD,M6 8H,M6 8HDD,M6 HD8,MM6 8HDX,6M 8HD,M666 8HD,Q1 1AA,V1 1AA,X1 1AA,LI10 3QP,LJ10 3QP,LZ10 3QP,W1Z 0AX,EC1C 1BB,\
        N18 1CX,N18 1IX,N18 1KX,N18 1MX,N18 1OX,N18 1QV,N18 IQX,NI8 1QX,M6; 8HD,M6_8HD,D02 X285,75008";

    #[test]
    fn every_good_code_of_the_list_is_read_however_it_is_typed() {
        assert_eq!(GOOD.split(',').count(), 30);
        for code in GOOD.split(',') {
            let read = Postcode::parse(code).unwrap();
            assert_eq!(read.home(), Some(code));
            assert_eq!(Postcode::parse(&format!(" {} ", code.replace(' ', "").to_lowercase())), Ok(read), "{code}");
        }
    }

    #[test]
    fn every_bad_code_of_the_list_is_asked_back() {
        assert_eq!(BAD.split(',').count(), 29, "the thirtieth is the pseudo-code below");
        for code in BAD.split(',') {
            assert_eq!(Postcode::parse(&code.replace(';', ",")), Err(BadPostcode), "{code}");
        }
    }

    #[test]
    fn no_fixed_abode_is_a_stated_value_and_never_an_address() {
        let read = Postcode::parse("zz99 3vz");
        assert_eq!(read, Ok(Postcode::Pseudo("ZZ99 3VZ".to_owned())));
        assert_eq!(read.unwrap().home(), None);
    }

    #[test]
    fn the_area_is_the_letters_in_front() {
        assert_eq!(Postcode::parse("OL8 1AB").unwrap().area(), Some("OL"));
        assert_eq!(Postcode::parse("E1 4DE").unwrap().area(), Some("E"));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*") {
            if let Ok(Postcode::Home(code)) = Postcode::parse(&text) {
                let again = Postcode::parse(&code);
                prop_assert_eq!(again, Ok(Postcode::Home(code)));
            }
        }
    }
}
