//! What a referral can ask.

/// One thing that a referral can ask. An edition says which of them are asked and which are compulsory; a name beyond these has no
/// place in a referral, so nobody is ever refused for want of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldName {
    /// What worries you.
    Concern,
    /// Who you are and how to reach you.
    Referrer,
    /// Where the child is now.
    ChildIsNow,
    /// Whether anyone is in danger now.
    DangerNow,
    /// The child's names.
    Names,
    /// Date of birth, age, or expected date.
    DateOfBirth,
    /// The home, or the last one known.
    Home,
    /// Who is with the child and who else lives there.
    WithTheChild,
    /// What the child said or showed.
    ChildSays,
    /// Whether the parent knows and agrees.
    ParentKnows,
    /// Interpreter or disability.
    Needs,
    /// What has been done already.
    DoneAlready,
}

impl FieldName {
    /// All of them, in the order of the first edition.
    pub const ALL: [Self; 12] = [
        Self::Concern,
        Self::Referrer,
        Self::ChildIsNow,
        Self::DangerNow,
        Self::Names,
        Self::DateOfBirth,
        Self::Home,
        Self::WithTheChild,
        Self::ChildSays,
        Self::ParentKnows,
        Self::Needs,
        Self::DoneAlready,
    ];

    /// The name by which an edition asks it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Concern => "concern",
            Self::Referrer => "referrer",
            Self::ChildIsNow => "child_is_now",
            Self::DangerNow => "danger_now",
            Self::Names => "names",
            Self::DateOfBirth => "date_of_birth",
            Self::Home => "home",
            Self::WithTheChild => "with_the_child",
            Self::ChildSays => "child_says",
            Self::ParentKnows => "parent_knows",
            Self::Needs => "needs",
            Self::DoneAlready => "done_already",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.code() == code)
    }
}
