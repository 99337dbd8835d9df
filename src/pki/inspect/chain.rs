//! From the certificate to the CA file: signatures and dates.

use openssl::{
    asn1::{Asn1Time, Asn1TimeRef},
    error::ErrorStack,
    stack::Stack,
    x509::{
        X509, X509StoreContext,
        store::X509StoreBuilder,
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};

use super::{Bundle, Found, Verdict};
use crate::pki::describe;

impl Bundle {
    pub(super) fn chain(&self) -> Found {
        let wrong = |says, remedy: String| Found::not(Verdict::Wrong, says, remedy);
        let refusal = match self.verify() {
            Ok(None) => {
                return Found::ok(format!("signed by {}", describe::issuer(&self.leaf)));
            }
            Ok(Some(refusal)) => refusal,
            Err(error) => format!("OpenSSL: {error}"),
        };
        let top = self.top();
        let issuer = describe::issuer(top);
        let namesake =
            self.roots.iter().find(|r| describe::same(r.subject_name(), top.issuer_name()));
        if let Some(root) = namesake {
            let signed = root.public_key().is_ok_and(|key| top.verify(&key).unwrap_or(false));
            return if signed {
                wrong(
                    format!("{issuer} signed it, but may not: {refusal}"),
                    "use a CA certificate with CA:TRUE and Certificate Sign".to_owned(),
                )
            } else {
                wrong(
                    format!(
                        "another CA of the same name, {issuer}, signed it; the one in the CA file \
                         begins with {}",
                        describe::short_fingerprint(root)
                    ),
                    "take the CA file of the CA that signed it; compare SHA-256 fingerprints"
                        .to_owned(),
                )
            };
        }
        if self.roots.is_empty() {
            return wrong(
                format!("{issuer} signed it, and there is no CA certificate"),
                format!("put the CA certificate of {issuer} beside it"),
            );
        }
        let known: Vec<_> = self.roots.iter().map(describe::subject).collect();
        let known = known.join(", ");
        // A root that allows nothing below it but leaves cannot be the root of an intermediate.
        let no_more = self.roots.iter().all(|root| root.pathlen() == Some(0));
        if describe::self_issued(top) || no_more {
            wrong(
                format!("wrong CA: {issuer} signed it, and the CA file holds {known}"),
                format!("take the CA file that holds {issuer}, or let {known} sign"),
            )
        } else {
            wrong(
                format!(
                    "{issuer} signed it, and is neither in its file nor in the CA file ({known})"
                ),
                format!(
                    "append the certificate of the intermediate {issuer} to the certificate file"
                ),
            )
        }
    }

    /// The last certificate that the file itself leads to.
    fn top(&self) -> &X509 {
        let mut top = &self.leaf;
        // At most once through all: certificates may name each other in a circle.
        for _ in &self.between {
            let next = self.between.iter().find(|c| {
                describe::same(c.subject_name(), top.issuer_name()) && !describe::self_issued(top)
            });
            let Some(next) = next else { break };
            top = next;
        }
        top
    }

    /// Signatures alone; dates and purposes have rows of their own. Not strict: old CAs whose
    /// basic constraints are not critical are accepted by Go too.
    fn verify(&self) -> Result<Option<String>, ErrorStack> {
        let mut rules = X509VerifyParam::new()?;
        rules.set_flags(X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::NO_CHECK_TIME)?;
        rules.set_auth_level(0);
        let mut store = X509StoreBuilder::new()?;
        store.set_param(&rules)?;
        for root in &self.roots {
            store.add_cert(root.clone())?;
        }
        let store = store.build();
        let mut between = Stack::new()?;
        for cert in &self.between {
            between.push(cert.clone())?;
        }
        X509StoreContext::new()?.init(&store, &self.leaf, &between, |context| {
            let fits = context.verify_cert()?;
            Ok((!fits).then(|| context.error().error_string().to_owned()))
        })
    }

    /// All that its time depends on: the certificate, what lies between, and the roots it leads to.
    fn way(&self) -> Vec<&X509> {
        let top = self.top();
        let anchors =
            self.roots.iter().filter(|r| describe::same(r.subject_name(), top.issuer_name()));
        std::iter::once(&self.leaf).chain(&self.between).chain(anchors).collect()
    }

    /// When the first of them ends, in seconds since 1970.
    #[must_use]
    pub fn ends(&self) -> Option<i64> {
        let began = Asn1Time::from_unix(0).ok()?;
        let ends = self.way().into_iter().filter_map(|cert| {
            let since = began.diff(cert.not_after()).ok()?;
            Some(i64::from(since.days) * 86_400 + i64::from(since.secs))
        });
        ends.min()
    }

    pub(super) fn dates(&self, now_unix: i64, soon_days: i32) -> Found {
        let all = self.way();
        let Ok(clock) = Asn1Time::from_unix(now_unix) else {
            return Found::not(
                Verdict::Wrong,
                "the node's clock is out of bounds",
                "set it: timedatectl set-ntp true",
            );
        };
        let now: &Asn1TimeRef = &clock;
        if let Some(cert) = all.iter().find(|cert| *cert.not_before() > *now) {
            return Found::not(
                Verdict::Wrong,
                format!(
                    "{} begins at {}, and the node's clock says {now}",
                    describe::subject(cert),
                    cert.not_before()
                ),
                "mostly the node's clock is behind: timedatectl set-ntp true",
            )
            .brief("not yet");
        }
        let first = all.into_iter().min_by_key(|cert| days(now, cert.not_after()));
        let first = first.unwrap_or(&self.leaf);
        let (name, end) = (describe::subject(first), first.not_after());
        let left = days(now, end);
        let brief = format!("{left} d");
        if *end < *now {
            let says = format!("{name} ended at {end}, and the node's clock says {now}");
            let remedy = "issue it again; if the clock is ahead: timedatectl set-ntp true";
            Found::not(Verdict::Wrong, says, remedy).brief("ended")
        } else if left < soon_days {
            let says = format!("{name} ends in {left} days, at {end}");
            Found::not(Verdict::Look, says, "issue it again before that day").brief(brief)
        } else {
            Found::ok(format!("good for {left} days, to {end}")).brief(brief)
        }
    }
}

/// Whole days from one to the other, negative if it is over.
fn days(now: &Asn1TimeRef, end: &Asn1TimeRef) -> i32 {
    now.diff(end).map_or(i32::MIN, |gap| gap.days)
}
