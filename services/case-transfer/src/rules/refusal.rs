//! Why the answer is no, in the words of the procedures, with what to do instead.

use kernel::{Borough, ReferralId, Timestamp, TransferId};

use crate::{
    ledger::{Duty, Power},
    transfer::Stage,
};

/// Why the answer is no. The codes are stable; the words may get better.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such transfer.
    #[error("This transfer was never offered. Offer it first.")]
    NotOffered,
    /// The id belongs to another offer.
    #[error("This id already belongs to another offer. Take a new one.")]
    IdTaken,
    /// Only the receiver answers.
    #[error("Only an authorised person of {0} may answer this offer.")]
    NotYoursToAnswer(Borough),
    /// Only the giver does this.
    #[error("Only an authorised person of {0}, which made the offer, may do this.")]
    NotTheGiver(Borough),
    /// Only giver and receiver do this.
    #[error("Only the two boroughs of this transfer may do this.")]
    NotAParty,
    /// Only a person of this borough does this.
    #[error("Only an authorised person of {0} may do this.")]
    NotYourBorough(Borough),
    /// This role may not.
    #[error("Your role may follow and escalate, but may not decide about a duty. Ask the duty desk.")]
    RoleMayNot,
    /// A duty manager or above is needed.
    #[error("This needs a duty manager or above. Ask the duty manager of your borough.")]
    ManagerNeeded,
    /// The borough does not hold the duty.
    #[error("{}", holder_words(*.duty, .holder.as_ref()))]
    NotTheHolder {
        /// Which duty.
        duty: Duty,
        /// Who holds it, if it is open.
        holder: Option<Borough>,
    },
    /// The receiver holds everything that is asked already.
    #[error("{0} already holds every duty that you ask it to take. Ring its desk.")]
    AlreadyHeld(Borough),
    /// Nothing is asked.
    #[error("Name at least one child and one duty.")]
    NothingAsked,
    /// The child or duty is not part of the offer.
    #[error("A child or duty that you name is not part of this offer.")]
    NotInTheOffer,
    /// Giver and receiver are the same.
    #[error("Giver and receiver must differ. Name another borough.")]
    SameBorough,
    /// The duty is in another transfer.
    #[error("This duty is already in transfer {0}. Withdraw or redirect that one first.")]
    DutyInTransfer(TransferId),
    /// The version is not the current one.
    #[error("This was decided on an older version; it is version {0} now. Look at what changed, and decide again.")]
    Stale(i64),
    /// The receiver has accepted.
    #[error("This offer was accepted already. {0} is responsible.")]
    AlreadyAccepted(Borough),
    /// The conversation has ended another way.
    #[error("{}", over_words(*.stage, .holder))]
    Over {
        /// How it ended.
        stage: Stage,
        /// Who is responsible.
        holder: Borough,
    },
    /// Not accepted yet.
    #[error("This offer was not accepted yet. {0} is still responsible.")]
    NotAccepted(Borough),
    /// Not handed over yet.
    #[error("The handover is not complete yet. Confirm it first.")]
    NotHandedOver,
    /// Not over yet.
    #[error("A transfer is closed after it was handed over, withdrawn or superseded.")]
    NotFinished,
    /// Not declined.
    #[error("There is nothing to dispute: the offer was not declined.")]
    NotDeclined,
    /// No dispute is open.
    #[error("No dispute is open.")]
    NotDisputed,
    /// The dispute must be settled first.
    #[error("A dispute is open. The named managers of both boroughs settle it first.")]
    Disputed,
    /// The interim safety plan is missing.
    #[error("An interim safety plan is mandatory while the dispute in transfer {0} is open. Record it there first.")]
    InterimPlanMissing(TransferId),
    /// This person has acted for the other side.
    #[error("You have acted for the other borough in this transfer. A colleague does this, so that two people know of it.")]
    SamePerson,
    /// The person's team acts for both sides now.
    #[error("Your team acts for both boroughs now. Say for which you do this: side giver or taker.")]
    SideNotNamed,
    /// Everything that was asked was taken, or what was left is settled.
    #[error("Nothing of this offer is left waiting with its giver.")]
    NothingLeft,
    /// No conditions are open.
    #[error("No conditions are waiting for your agreement.")]
    NoConditions,
    /// No agreement is waiting for this side.
    #[error("No spoken agreement is waiting for your confirmation.")]
    NoAgreement,
    /// The taker's read-back is missing.
    #[error("The taker reads back in one line: \"I understand that …\". Record that line.")]
    ReadBackMissing,
    /// The plan stays with its holder.
    #[error("The plan stays where it is while {} runs. The emergency duty may move.", power_words(*.0))]
    PlanStays(Power),
    /// The child is missing.
    #[error("The child is missing: the transfer pauses. The holder stays responsible and follows the missing procedure.")]
    ChildMissing,
    /// The person has a conflict of interest here.
    #[error("You declared a conflict of interest. Hand this to a colleague.")]
    ConflictOfInterest,
    /// A shield is not taken off.
    #[error(
        "A shield stays: the child may still be looked for. The address is shown to whoever answers for the child, and to nobody else."
    )]
    ShieldStays,
    /// An address on a shielded child.
    #[error("This child is shielded: give a contact desk, never the address.")]
    ShieldedAddress,
    /// The receiver is connected and answers itself.
    #[error("{0} is connected to the hub and answers itself.")]
    ReceiverConnected(Borough),
    /// Another contact is undecided.
    #[error("A contact about this child is still undecided ({0}). Decide it first.")]
    AnotherContactUndecided(ReferralId),
    /// A transfer of the duty is open.
    #[error("A transfer of this duty is open ({0}). Finish or withdraw it first.")]
    TransferOpen(TransferId),
    /// No such contact of the night.
    #[error("No case of the night with this referral is waiting.")]
    NoNightCase,
    /// It is night at the desk of this borough.
    #[error("A case of the night is taken by a worker of the day team of {0}. Its day shift has not begun; act on the case all the same.")]
    NightShift(Borough),
    /// The power has ended already.
    #[error("This power would have ended already. Record when it ends; to end it before its time is for the borough that holds a duty.")]
    PowerOver,
    /// The law ends the power sooner.
    #[error("By law {} ends at {} at the latest. Give that end, or an earlier one.", power_words(*.power), .latest)]
    PowerTooLong {
        /// Which power.
        power: Power,
        /// Its latest end.
        latest: Timestamp,
    },
    /// The clock has not run out.
    #[error("This clock has not run out.")]
    NotDue,
    /// Only the receiving desk confirms.
    #[error("Only the desk or a system of {0} may confirm this.")]
    NotYoursToConfirm(Borough),
    /// Nobody has ever told the hub of this child.
    #[error("There is no record of this child.")]
    NoSuchChild,
    /// The person's borough, or one that their team acts for, holds a duty towards the child.
    #[error("Your borough holds a duty towards this child: open the record as usual.")]
    YoursAlready,
    /// The reason for a break-glass says too little.
    #[error("Say in at least {0} characters why you must see this record now.")]
    ReasonTooShort(usize),
    /// The reason for a break-glass is the person's last one again.
    #[error("This is the reason that you gave the last time. Say why you must see this record now.")]
    ReasonRepeated,
    /// The person has this child's record open by a break-glass.
    #[error("You have this child's record open already. When its time is over, ask again if you still must see it.")]
    GlassOpenAlready,
    /// The person has too many records open by break-glass.
    #[error("You have {0} records open by break-glass. End one that you need no longer first.")]
    TooManyGlasses(usize),
    /// The break-glass does not exist.
    #[error("There is no such break-glass.")]
    NoSuchGlass,
    /// Only who opened it ends it.
    #[error("Only who opened it ends it. It ends by itself when its time is over.")]
    NotYourGlass,
    /// It is reviewed by another team.
    #[error("A break-glass is reviewed by a manager of the child's borough or the board, and never by the team of who opened it.")]
    OtherTeamReviews,
    /// It is still open.
    #[error("It is still open. Review it when it is over, with everything that was looked at.")]
    GlassStillOpen,
    /// It was reviewed.
    #[error("It was reviewed already.")]
    ReviewedAlready,
    /// The streams that were loaded are not all that is needed.
    #[error("The children of this case changed a moment ago. Try again.")]
    ScopeChanged,
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::IdTaken => "id_taken",
            Self::NotYoursToAnswer(_) => "not_yours_to_answer",
            Self::NotTheGiver(_) => "not_the_giver",
            Self::NotAParty => "not_a_party",
            Self::NotYourBorough(_) => "not_your_borough",
            Self::RoleMayNot => "role_may_not",
            Self::ManagerNeeded => "manager_needed",
            Self::NotTheHolder { .. } => "not_the_holder",
            Self::AlreadyHeld(_) => "already_held",
            Self::NothingAsked => "nothing_asked",
            Self::NotInTheOffer => "not_in_the_offer",
            Self::SameBorough => "same_borough",
            Self::DutyInTransfer(_) => "duty_in_transfer",
            Self::Stale(_) => "stale",
            Self::AlreadyAccepted(_) => "already_accepted",
            Self::Over { stage, .. } => stage.code(),
            Self::NotAccepted(_) => "not_accepted",
            Self::NotHandedOver => "not_handed_over",
            Self::NotFinished => "not_finished",
            Self::NotDeclined => "not_declined",
            Self::NotDisputed => "not_disputed",
            Self::Disputed => "disputed",
            Self::InterimPlanMissing(_) => "interim_plan_missing",
            Self::SamePerson => "same_person",
            Self::SideNotNamed => "side_not_named",
            Self::NothingLeft => "nothing_left",
            Self::NoConditions => "no_conditions",
            Self::NoAgreement => "no_agreement",
            Self::ReadBackMissing => "read_back_missing",
            Self::PlanStays(_) => "plan_stays",
            Self::ChildMissing => "child_missing",
            Self::ConflictOfInterest => "conflict_of_interest",
            Self::ShieldStays => "shield_stays",
            Self::ShieldedAddress => "shielded_address",
            Self::ReceiverConnected(_) => "receiver_connected",
            Self::AnotherContactUndecided(_) => "another_contact_undecided",
            Self::TransferOpen(_) => "transfer_open",
            Self::NoNightCase => "no_night_case",
            Self::NightShift(_) => "night_shift",
            Self::PowerOver => "power_over",
            Self::PowerTooLong { .. } => "power_too_long",
            Self::NotDue => "not_due",
            Self::NotYoursToConfirm(_) => "not_yours_to_confirm",
            Self::NoSuchChild => "no_such_child",
            Self::YoursAlready => "yours_already",
            Self::ReasonTooShort(_) => "reason_too_short",
            Self::ReasonRepeated => "reason_repeated",
            Self::GlassOpenAlready => "glass_open_already",
            Self::TooManyGlasses(_) => "too_many_glasses",
            Self::NoSuchGlass => "no_such_glass",
            Self::NotYourGlass => "not_your_glass",
            Self::OtherTeamReviews => "other_team_reviews",
            Self::GlassStillOpen => "glass_still_open",
            Self::ReviewedAlready => "reviewed_already",
            Self::ScopeChanged => "scope_changed",
        }
    }
}

/// A duty in a sentence.
pub(crate) fn duty_words(duty: Duty) -> &'static str {
    match duty {
        Duty::EmergencyAction => "emergency action",
        Duty::Enquiry => "the enquiry",
        Duty::Plan => "the plan",
    }
}

fn power_words(power: Power) -> &'static str {
    match power {
        Power::PoliceProtection => "police protection",
        Power::EmergencyProtectionOrder => "an emergency protection order",
        Power::CareOrder => "a care order",
    }
}

fn holder_words(duty: Duty, holder: Option<&Borough>) -> String {
    let duty = duty_words(duty);
    match holder {
        Some(holder) => format!("Only the borough that holds {duty} may do this. {holder} holds it now."),
        None => format!("Nobody can do this: {duty} is not open for this child."),
    }
}

fn over_words(stage: Stage, holder: &Borough) -> String {
    format!("This offer is over ({}). {holder} is responsible.", stage.code())
}
