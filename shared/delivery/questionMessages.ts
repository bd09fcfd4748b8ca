// Builds the messages to people: the questions, the notes and the closing messages. Pure;
// `askPeople.ts` calls it.
import type { AskedQuestion } from './rules/questionReminders.ts';
import { EventName } from '../outbox/rules/events.ts';
import type { QuestionMessage } from './questionReminderStore.ts';
import type { ReadyRequest } from './answerRequest.ts';
import { toAbsoluteUrl, type Note, type Question } from './questions.ts';

/** The messages that ask one question once more. */
export const reminderMessages = (
  { key, times }: Pick<AskedQuestion, 'key' | 'times'>,
  questions: readonly Question[],
): QuestionMessage[] =>
  questions
    .filter((question) => question.key === key)
    .map(({ subject, title, text, link, since, until, answers }) => ({
      eventName: EventName.questionAsked,
      subject,
      data: { times, title, text, link, since, until, answers: answers.map(withAddress) },
    }));

/** Receivers of a message know no other address of Lifeboat. */
const withAddress = ({ answer, method, path, body }: ReadyRequest): object => ({
  answer,
  method,
  address: toAbsoluteUrl(path),
  body,
});

/** News about a question. The question may stay open. Every level that got the question gets the note. */
export const noteMessage = (
  { subject, title, text, link }: Note,
  open: readonly AskedQuestion[],
): QuestionMessage => ({
  eventName: EventName.questionNoted,
  subject,
  data: { times: Math.max(1, ...open.map(({ times }) => times)), title, text, link },
});

/** The message that closes a question. */
export const endedMessage = (
  { subject, times, title }: AskedQuestion,
  { endText, link }: { readonly endText: string; readonly link: string },
): QuestionMessage => ({
  eventName: EventName.questionClosed,
  subject,
  data: { times, title: `Nothing more to do. ${title}`, text: endText, link },
});
