//! Fields that a person fills in: Enter or typing begins, Enter ends, Esc undoes.

use tui_input::{Input, InputRequest};

use super::keymap::Command;

/// A line of text with a name.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What it is called.
    pub label: &'static str,
    /// What it says.
    pub input: Input,
    /// It is a folder on this computer: Tab completes it.
    pub path: bool,
}

/// How a path goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What all folders that fit go on with.
    pub more: String,
    /// A sentence, if not exactly one fits.
    pub says: Option<String>,
}

impl Field {
    /// A field that says that already.
    #[must_use]
    pub fn new(label: &'static str, text: &str) -> Self {
        Self { label, input: Input::new(text.to_owned()), path: false }
    }

    /// The same for a folder on this computer.
    #[must_use]
    pub fn path(label: &'static str, text: &str) -> Self {
        Self { path: true, ..Self::new(label, text) }
    }

    /// Lets it say something else.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// What it says, without blanks around it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value().trim()
    }
}

/// Fields in rows, and a button to go on below them.
#[derive(Clone, Debug)]
pub struct Form {
    /// Row by row.
    pub fields: Vec<Field>,
    /// How many fields a row has; at least 1.
    pub columns: usize,
    /// The marked one; as many as there are fields: the button.
    pub at: usize,
    /// What the marked field said before it was edited; `None` while none is.
    pub before: Option<String>,
}

impl Default for Form {
    fn default() -> Self {
        Self::new(1, Vec::new())
    }
}

impl Form {
    /// A form with rows of that many fields.
    #[must_use]
    pub fn new(columns: usize, fields: Vec<Field>) -> Self {
        Self { fields, columns: columns.max(1), at: 0, before: None }
    }

    /// Whether letters are text now.
    #[must_use]
    pub fn editing(&self) -> bool {
        self.before.is_some()
    }

    /// Whether the button is marked.
    #[must_use]
    pub fn on_button(&self) -> bool {
        self.at >= self.fields.len()
    }

    /// The marked row, counted from 0.
    #[must_use]
    pub fn row(&self) -> usize {
        self.at / self.columns
    }

    /// What the field at that place says.
    #[must_use]
    pub fn text(&self, at: usize) -> &str {
        self.fields.get(at).map_or("", Field::text)
    }

    /// Begins to edit the marked field.
    pub fn begin(&mut self) {
        self.before = self.fields.get(self.at).map(|f| f.input.value().to_owned());
    }

    /// Ends editing; true if the field says something else now.
    pub fn end(&mut self) -> bool {
        let before = self.before.take();
        let now = self.fields.get(self.at).map(|f| f.input.value());
        before.as_deref().is_some_and(|before| now != Some(before))
    }

    /// Ends editing; the field says what it said before.
    pub fn undo(&mut self) {
        if let (Some(before), Some(field)) = (self.before.take(), self.fields.get_mut(self.at)) {
            field.set(&before);
        }
    }

    /// What a key does to the field that is edited.
    pub fn edit(&mut self, request: InputRequest) {
        if let Some(field) = self.fields.get_mut(self.at).filter(|_| self.before.is_some()) {
            field.input.handle(request);
        }
    }

    /// The path that is edited, up to the cursor.
    #[must_use]
    pub fn path_so_far(&self) -> Option<String> {
        let field = self.fields.get(self.at).filter(|field| field.path && self.editing())?;
        Some(field.input.value().chars().take(field.input.cursor()).collect())
    }

    /// What Tab does while it is edited.
    #[must_use]
    pub fn next_word(&self) -> &'static str {
        if self.path_so_far().is_some() { "complete" } else { "next field" }
    }

    /// Goes on with that path at the cursor; false if another is edited by now.
    pub fn complete(&mut self, so_far: &str, more: &str) -> bool {
        let same = self.path_so_far().as_deref() == Some(so_far);
        if same {
            more.chars().for_each(|ch| self.edit(InputRequest::InsertChar(ch)));
        }
        same
    }

    /// Lets the field at that place say something else.
    pub fn set(&mut self, at: usize, text: &str) {
        if let Some(field) = self.fields.get_mut(at) {
            field.set(text);
        }
    }

    /// Marks another field; false if the command does not move.
    pub fn go(&mut self, command: Command) -> bool {
        let button = self.fields.len();
        self.at = match command {
            Command::Up if self.on_button() => button.saturating_sub(self.columns),
            Command::Up => self.at.checked_sub(self.columns).unwrap_or(self.at),
            Command::Down => self.at.saturating_add(self.columns).min(button),
            Command::Left | Command::Previous => self.at.saturating_sub(1),
            Command::Right | Command::Next => self.at.saturating_add(1).min(button),
            _ => return false,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn esc_undoes_and_enter_keeps() {
        let mut form = Form::new(1, vec![Field::new("token", "abc")]);
        form.begin();
        form.edit(InputRequest::InsertChar('d'));
        assert_eq!(form.text(0), "abcd");
        form.undo();
        assert_eq!((form.text(0), form.editing()), ("abc", false));
        form.begin();
        form.edit(InputRequest::InsertChar('e'));
        assert!(form.end());
        assert_eq!(form.text(0), "abce");
        form.begin();
        assert!(!form.end(), "nothing was typed");
    }

    #[test]
    fn a_path_goes_on_where_the_cursor_is_if_it_is_still_the_same() {
        let mut form =
            Form::new(1, vec![Field::path("folder", "~/ic/old"), Field::new("name", "")]);
        assert_eq!(form.path_so_far(), None, "it is not edited");
        form.begin();
        (0..4).for_each(|_| form.edit(InputRequest::GoToPrevChar));
        assert_eq!(form.path_so_far().as_deref(), Some("~/ic"));
        assert!(!form.complete("~/i", "cc"), "more was typed meanwhile");
        assert!(form.complete("~/ic", "c-certs"));
        assert_eq!(form.text(0), "~/icc-certs/old");
        assert_eq!(form.path_so_far().as_deref(), Some("~/icc-certs"));
        form.end();
        form.at = 1;
        form.begin();
        assert_eq!(form.path_so_far(), None, "a name is no path");
    }

    #[test]
    fn arrows_reach_every_field_and_the_button() {
        let mut form = Form::new(2, vec![Field::default(); 4]);
        for (command, at) in [
            (Command::Right, 1),
            (Command::Down, 3),
            (Command::Down, 4),
            (Command::Down, 4),
            (Command::Up, 2),
            (Command::Up, 0),
            (Command::Up, 0),
            (Command::Previous, 0),
        ] {
            form.go(command);
            assert_eq!(form.at, at, "{command:?}");
        }
        assert!(!form.go(Command::Enter));
    }
}
