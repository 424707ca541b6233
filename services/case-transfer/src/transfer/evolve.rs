//! What an event changes. It cannot fail: it has happened.

use kernel::Timestamp;

use super::{Asked, Dispute, Repoint, Side, Stage, Talk, Transfer, TransferEvent};
use crate::clocks::{Clock, Clocks};

impl Transfer {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &TransferEvent) {
        match self {
            Self::Offered(talk) => {
                talk.version += 1;
                talk.remember_who(event);
                talk.take(event);
            }
            Self::NotOffered => {
                if let TransferEvent::Offered { offer, asked, already_held, chain, connected, clocks, by, .. } = event {
                    let mut talk = Talk::offered(offer, asked, already_held, *chain, clocks);
                    talk.connected = *connected;
                    talk.acted.insert(by.actor().id.clone(), Side::Giver);
                    talk.start(&[(Clock::SeenBy, clocks.seen_by), (Clock::DecideBy, clocks.decide_by)]);
                    talk.start(&[(Clock::LinkDown, clocks.link_down_at)]);
                    *self = Self::Offered(Box::new(talk));
                }
            }
        }
    }
}

impl Talk {
    fn take(&mut self, event: &TransferEvent) {
        match event {
            TransferEvent::Offered { .. } | TransferEvent::SiblingsSplit { .. } => {}
            TransferEvent::Delivered { .. } => self.delivered(),
            TransferEvent::LinkDown { .. } => self.cut_off(),
            TransferEvent::Seen { .. } => self.seen(),
            TransferEvent::InformationRequested { .. } | TransferEvent::ConditionsProposed { .. } => {
                self.seen();
                self.stage = Stage::Query;
                self.conditions_open |= matches!(event, TransferEvent::ConditionsProposed { .. });
            }
            TransferEvent::InformationGiven { .. } => self.answered(),
            TransferEvent::ConditionsAgreed { .. } => {
                self.conditions_open = false;
                self.answered();
            }
            TransferEvent::Accepted { taken, left, clocks, .. } => {
                self.taken.clone_from(taken);
                self.accepted(clocks, left);
            }
            TransferEvent::AcceptedElsewhere { taken, left, clocks, .. } => {
                self.taken.clone_from(taken);
                self.elsewhere = true;
                self.accepted(clocks, left);
                self.received();
            }
            TransferEvent::RestSettled { .. } => self.rest_settled(),
            TransferEvent::Received { .. } => self.received(),
            TransferEvent::Declined { clocks, .. } => {
                self.over(Stage::Declined);
                self.start(&[(Clock::ReofferBy, clocks.reoffer_by)]);
            }
            TransferEvent::Redirected { next, .. } => self.follow(Stage::Redirected, *next),
            TransferEvent::Superseded { next, .. } => self.follow(Stage::Superseded, *next),
            TransferEvent::HandedBack { next, .. } => self.follow(Stage::HandedBack, *next),
            TransferEvent::Withdrawn { .. } => self.over(Stage::Withdrawn),
            TransferEvent::Closed { .. } => self.over(Stage::Closed),
            TransferEvent::HandedOver { .. } => self.over(Stage::HandedOver),
            TransferEvent::HandoverConfirmed { side, .. } => {
                self.confirmed.insert(*side);
            }
            TransferEvent::AgreementRecorded { side, confirm_by, .. } => self.agreed(*side, *confirm_by),
            TransferEvent::AgreementConfirmed { .. } => {
                self.agreement_of = None;
                self.stop(&[Clock::AgreementBy]);
            }
            TransferEvent::Escalated { level, next_at, .. } => {
                self.escalated = *level;
                self.stop(&[Clock::NextEscalation]);
                self.due.extend(next_at.map(|at| (Clock::NextEscalation, at)));
            }
            TransferEvent::ClockRanOut { clock, .. } => self.stop(&[*clock]),
            TransferEvent::DisputeOpened { .. }
            | TransferEvent::InterimPlanRecorded { .. }
            | TransferEvent::SettlementSigned { .. }
            | TransferEvent::DisputeSettled { .. } => self.dispute(event),
            TransferEvent::FactCorrected { repoint, .. } => self.repoint(*repoint),
            TransferEvent::ConflictDeclared { by, .. } => {
                self.conflicts.insert(by.actor().id.clone());
            }
        }
    }

    /// Whoever has answered for one side is not let answer for the other.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are a machine's, or for either side")]
    fn remember_who(&mut self, event: &TransferEvent) {
        let side = match event {
            TransferEvent::InformationGiven { .. }
            | TransferEvent::ConditionsAgreed { .. }
            | TransferEvent::InterimPlanRecorded { .. }
            | TransferEvent::AcceptedElsewhere { .. } => Side::Giver,
            TransferEvent::Seen { .. }
            | TransferEvent::InformationRequested { .. }
            | TransferEvent::ConditionsProposed { .. }
            | TransferEvent::Accepted { .. }
            | TransferEvent::Declined { .. } => Side::Taker,
            TransferEvent::HandoverConfirmed { side, .. }
            | TransferEvent::AgreementRecorded { side, .. }
            | TransferEvent::SettlementSigned { side, .. } => *side,
            TransferEvent::AgreementConfirmed { .. } => match self.agreement_of {
                Some(author) => author.other(),
                None => return,
            },
            TransferEvent::Received { by, .. } => {
                self.acted.entry(by.id.clone()).or_insert(Side::Taker);
                return;
            }
            _ => return,
        };
        if let Some(person) = event.decided_by() {
            self.acted.entry(person.actor().id.clone()).or_insert(side);
        }
    }

    fn cut_off(&mut self) {
        self.link_down = true;
        self.stop(&[Clock::LinkDown]);
    }

    fn agreed(&mut self, side: Side, confirm_by: Timestamp) {
        self.agreement_of = Some(side);
        self.provisional = self.stage.is_undecided();
        self.start(&[(Clock::AgreementBy, confirm_by)]);
    }

    fn delivered(&mut self) {
        self.link_down = false;
        self.stop(&[Clock::LinkDown]);
        if self.stage == Stage::Offered {
            self.stage = Stage::Delivered;
        }
    }

    fn seen(&mut self) {
        self.delivered();
        self.stop(&[Clock::SeenBy]);
        if self.stage == Stage::Delivered {
            self.stage = Stage::Seen;
        }
    }

    /// Nothing is open between the two any more; what was never asked was never a query.
    fn answered(&mut self) {
        if self.stage == Stage::Query && !self.conditions_open {
            self.stage = Stage::Seen;
        }
    }

    fn accepted(&mut self, clocks: &Clocks, left: &[Asked]) {
        self.over(Stage::Accepted);
        self.link_down = false;
        self.start(&[(Clock::HandoverBy, clocks.handover_by)]);
        self.start(&[(Clock::ReceivedAlarm, clocks.received_alarm_at), (Clock::ReceivedManager, clocks.received_manager_at)]);
        self.left = left.to_vec();
        if !left.is_empty() {
            self.start(&[(Clock::ReofferBy, clocks.reoffer_by)]);
        }
    }

    /// Nothing waits with the giver any more; the ladder that was climbed for it stops, unless the handover is late too.
    fn rest_settled(&mut self) {
        self.left.clear();
        self.stop(&[Clock::ReofferBy]);
        if !self.stage.is_open() || self.due.contains_key(&Clock::HandoverBy) {
            self.stop(&[Clock::NextEscalation]);
        }
    }

    fn received(&mut self) {
        self.stop(&[Clock::ReceivedAlarm, Clock::ReceivedManager]);
        if self.stage == Stage::Accepted {
            self.stage = Stage::Received;
        }
    }

    /// A new stage in which none of the clocks of the one before runs on, but those of what was left with the giver and of an
    /// open dispute.
    fn over(&mut self, stage: Stage) {
        self.stage = stage;
        let (rest, disputed) = (!self.left.is_empty(), self.is_disputed());
        self.due.retain(|clock, _| match clock {
            Clock::ReofferBy | Clock::NextEscalation => rest,
            Clock::SettleBy => disputed,
            Clock::LinkDown
            | Clock::SeenBy
            | Clock::DecideBy
            | Clock::ReceivedAlarm
            | Clock::ReceivedManager
            | Clock::HandoverBy
            | Clock::AgreementBy => false,
        });
        self.conditions_open = false;
        self.agreement_of = None;
        self.provisional = false;
    }

    fn follow(&mut self, stage: Stage, next: kernel::TransferId) {
        self.over(stage);
        self.next = Some(next);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`take` names every event and sends only these four here")]
    fn dispute(&mut self, event: &TransferEvent) {
        // A settled dispute is over; a new one needs its own plan and both signatures again.
        if matches!(event, TransferEvent::DisputeOpened { .. }) && !self.is_disputed() {
            self.dispute = None;
        }
        let dispute = self.dispute.get_or_insert_with(Dispute::default);
        match event {
            TransferEvent::DisputeOpened { interim_plan, settle_by, .. } => {
                dispute.has_interim_plan |= interim_plan.is_some();
                self.due.extend(settle_by.map(|by| (Clock::SettleBy, by)));
            }
            TransferEvent::InterimPlanRecorded { .. } => dispute.has_interim_plan = true,
            TransferEvent::SettlementSigned { side, .. } => {
                dispute.signed.insert(*side);
            }
            _ => {
                dispute.settled = true;
                self.due.remove(&Clock::SettleBy);
            }
        }
    }

    fn repoint(&mut self, repoint: Option<Repoint>) {
        let Some(Repoint { from, to }) = repoint else { return };
        for asked in self.asked.iter_mut().filter(|asked| asked.child == from) {
            asked.child = to;
        }
        let offer = std::sync::Arc::make_mut(&mut self.offer);
        for item in offer.items.iter_mut().filter(|item| item.child == from) {
            item.child = to;
        }
    }
}
