//! `why-denied lessons`

pub mod args;
mod ask;
mod folder;
mod notebook;
mod watch;

use std::io::IsTerminal as _;
use std::path::Path;

use why_denied::bundle::Folder;
use why_denied::lessons::{
    Case, Judgement, Lesson, Solved, chain, course, hint, judge, judgement, lesson, listing, next_step,
    repair_as_diff, solved_lesson, story, task,
};
use why_denied::render::TextOptions;

use crate::failure::{Exit, Hinted};
use crate::output::{colour, print, say, width};
use args::{AnswerArgs, CheckArgs, HintArgs, LessonsArgs, LessonsCommand, StartArgs};
use ask::{Answer, answer, interview, open_question};
use folder::{hinted, lesson_in, meant};
use notebook::Notebook;

pub fn run(args: &LessonsArgs) -> anyhow::Result<Exit> {
    let course = course()?;
    let mut notebook = Notebook::open(args.progress.as_deref());
    let session = Session { course: &course, notebook: &mut notebook };
    match &args.command {
        None => {
            print(&listing(&course, &notebook.progress))?;
            Ok(Exit::Success)
        }
        Some(LessonsCommand::Start(args)) => session.start(args),
        Some(LessonsCommand::Answer(args)) => session.answer(args),
        Some(LessonsCommand::Hint(args)) => session.hint(args),
        Some(LessonsCommand::Check(args)) => session.check(args),
    }
}

/// The course and how far the learner is in it.
struct Session<'a> {
    course: &'a [Lesson],
    notebook: &'a mut Notebook,
}

impl Session<'_> {
    fn start(mut self, args: &StartArgs) -> anyhow::Result<Exit> {
        let found = self.wanted(args.lesson.as_deref())?.clone();
        let folder = args.folder.clone().unwrap_or_else(|| Path::new(&found.name).to_owned());
        let case = opened(&found)?;
        if lesson_in(self.course, &folder).is_ok_and(|begun| begun.name == found.name) {
            return self.go_on(&case, &folder);
        }
        folder::write(&found, &folder)?;
        let progress = &mut self.notebook.progress;
        progress.current = Some(found.name.clone());
        let record = progress.of_mut(&found.name);
        let place = folder.canonicalize().unwrap_or(folder.clone());
        (record.folder, record.answered, record.hints) = (Some(place.display().to_string()), 0, 0);
        self.notebook.save();
        print(&story(&found))?;
        print(&format!("\nThe files are in {}\n", folder.display()))?;
        if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
            let mut record = self.notebook.progress.of(&found.name);
            interview(&case, &mut record, &mut std::io::stdin().lock())?;
            self.notebook.progress.lessons.insert(found.name.clone(), record);
            return self.answered_so_far(&case);
        }
        self.show_question(&case)?;
        Ok(Exit::Success)
    }

    /// A lesson that was begun in the folder: the story once more, and the question that is open.
    fn go_on(mut self, case: &Case, folder: &Path) -> anyhow::Result<Exit> {
        self.notebook.progress.current = Some(case.lesson.name.clone());
        let record = self.notebook.progress.of_mut(&case.lesson.name);
        let place = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        record.folder = Some(place.display().to_string());
        self.notebook.save();
        print(&story(&case.lesson))?;
        print(&format!(
            "\nThe lesson is begun in {}, and its files are left as they are.\n",
            folder.display()
        ))?;
        self.answered_so_far(case)
    }

    /// The lesson that was named, or the next.
    fn wanted(&self, name: Option<&str>) -> anyhow::Result<&Lesson> {
        let progress = &self.notebook.progress;
        let next = || self.course.iter().find(|lesson| progress.of(&lesson.name).solved.is_none());
        let found = name.map_or_else(|| next().or(self.course.first()), |name| lesson(self.course, name));
        found.ok_or_else(|| {
            let names: Vec<&str> = self.course.iter().map(|lesson| lesson.name.as_str()).collect();
            let message = format!("there is no lesson `{}`", name.unwrap_or_default());
            Hinted { message, hint: format!("the lessons are {}", names.join(", ")), usage: true }.into()
        })
    }

    fn answer(mut self, args: &AnswerArgs) -> anyhow::Result<Exit> {
        let folder = meant(args.folder.as_deref(), &self.notebook.progress)?;
        let case = opened(lesson_in(self.course, &folder)?)?;
        let is_done = self.notebook.progress.of(&case.lesson.name).answered >= case.lesson.questions.len();
        if is_done && !args.letters.is_empty() {
            say("note: all questions of this lesson are answered");
        }
        let mut last = Answer::Right;
        for letter in &args.letters {
            let record = self.notebook.progress.of_mut(&case.lesson.name);
            last = answer(&case, record, letter)?;
            if last != Answer::Right {
                break;
            }
        }
        let exit = self.answered_so_far(&case)?;
        Ok(match last {
            Answer::Right => exit,
            Answer::Wrong => Exit::Denied,
            Answer::NoOption => Exit::Partly,
        })
    }

    /// Keeps the answers, and shows what comes next: a question, or what the tool knows and the task.
    fn answered_so_far(&mut self, case: &Case) -> anyhow::Result<Exit> {
        let lesson = &case.lesson;
        let record = self.notebook.progress.of(&lesson.name);
        let all = record.answered >= lesson.questions.len();
        if all && !lesson.has_repair() {
            self.notebook.progress.solve(&lesson.name, Solved::Exactly);
        }
        self.notebook.save();
        if !all {
            self.show_question(case)?;
            return Ok(Exit::Success);
        }
        print(&format!("\nThis is what the tool finds:\n\n{}", chain(case, options())))?;
        print(&format!("\n{}", task(lesson, record.folder.as_deref().unwrap_or("."))))?;
        if !lesson.has_repair() {
            print(&solved_lesson(case, self.course, &self.notebook.progress))?;
        }
        Ok(Exit::Success)
    }

    fn show_question(&self, case: &Case) -> anyhow::Result<()> {
        let record = self.notebook.progress.of(&case.lesson.name);
        let Some(text) = open_question(case, &record) else { return Ok(()) };
        print(&format!("\n{text}\nAnswer with: {}\n", next_step(&case.lesson, &record)))
    }

    fn hint(self, args: &HintArgs) -> anyhow::Result<Exit> {
        let folder = meant(args.folder.as_deref(), &self.notebook.progress)?;
        let lesson = lesson_in(self.course, &folder)?;
        let record = self.notebook.progress.of_mut(&lesson.name);
        match hint(lesson, record.hints) {
            Some(text) => {
                record.hints += 1;
                print(&text)?;
            }
            None if lesson.has_repair() => print(&repair_as_diff(lesson))?,
            None => {
                print("There are no more hints: the answer is among the options of the last question.\n")?;
            }
        }
        self.notebook.save();
        Ok(Exit::Success)
    }

    fn check(mut self, args: &CheckArgs) -> anyhow::Result<Exit> {
        let folder = meant(args.folder.as_deref(), &self.notebook.progress)?;
        let case = opened(lesson_in(self.course, &folder)?)?;
        let answered = self.notebook.progress.of(&case.lesson.name).answered;
        if answered < case.lesson.questions.len() {
            say(
                "note: there are open questions (why-denied lessons answer), and what follows tells their answer",
            );
        }
        if args.watch { self.watch(&case, &folder) } else { self.check_once(&case, &judged(&case, &folder)) }
    }

    fn check_once(&mut self, case: &Case, found: &Judgement) -> anyhow::Result<Exit> {
        print(&judgement(case, found, options()))?;
        if let Some(how) = solved(case, found) {
            self.notebook.progress.solve(&case.lesson.name, how);
            self.notebook.save();
        }
        if is_solved(case, found) {
            print(&solved_lesson(case, self.course, &self.notebook.progress))?;
        }
        Ok(match found {
            Judgement::Allowed { .. } if case.lesson.has_repair() => Exit::Success,
            Judgement::Damaged(_) => Exit::Partly,
            Judgement::Undetermined(_) => Exit::Undetermined,
            _ => Exit::Denied,
        })
    }

    fn watch(&mut self, case: &Case, folder: &Path) -> anyhow::Result<Exit> {
        // Watched before it is judged, so that no save falls between the two.
        let watched = watch::Watched::new(folder)?;
        let mut last = judged(case, folder);
        let mut exit = self.check_once(case, &last)?;
        say("watching; end with Ctrl-C");
        while !is_solved(case, &last) && watched.wait() {
            let now = judged(case, folder);
            if now != last {
                print("\n")?;
                exit = self.check_once(case, &now)?;
                last = now;
            }
        }
        Ok(exit)
    }
}

fn judged(case: &Case, folder: &Path) -> Judgement {
    judge(case, &Folder::new(folder))
}

fn solved(case: &Case, found: &Judgement) -> Option<Solved> {
    match found {
        Judgement::Allowed { beside } if case.lesson.has_repair() => {
            Some(if beside.is_empty() { Solved::Exactly } else { Solved::Nearly })
        }
        _ => None,
    }
}

fn is_solved(case: &Case, found: &Judgement) -> bool {
    solved(case, found) == Some(Solved::Exactly)
}

fn opened(lesson: &Lesson) -> anyhow::Result<Case> {
    let damaged =
        || hinted(&format!("the lesson `{}` has no denial", lesson.name), "this is a defect: report it");
    Case::open(lesson.clone()).ok_or_else(damaged)
}

fn options() -> TextOptions {
    TextOptions { width: width(), colour: colour() }
}
