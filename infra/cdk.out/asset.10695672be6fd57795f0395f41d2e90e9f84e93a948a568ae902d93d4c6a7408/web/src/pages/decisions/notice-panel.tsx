import { Anchor, Group } from '@mantine/core';
import { API_PREFIX, type NoticeDto } from '../../contract.ts';
import { Facts, Panel } from '../../layout/index.ts';
import { useNotice } from '../../queries/notice.ts';
import { Loaded } from '../../states/index.ts';

/** The notice that goes to the borrower: reasons, dates, and the document itself. */
export function NoticePanel({ decisionId }: { readonly decisionId: string }) {
  const notice = useNotice(decisionId);
  return (
    <Loaded query={notice} subject="the notice of this decision">
      {(data) => (
        <Panel title={data.title} note={`Rules of ${data.jurisdiction} on ${data.day}.`}>
          <Facts facts={factsOf(data)} />
          <Group mt="sm" gap="md">
            <NoticeLink notice={data} format="html" label="Open the notice" />
            <NoticeLink notice={data} format="pdf" label="Download as PDF" />
          </Group>
        </Panel>
      )}
    </Loaded>
  );
}

function factsOf({ reasons, deadlines }: NoticeDto): (readonly [string, string])[] {
  return [
    ...reasons.map(({ text }, i) => [`Reason ${i + 1}`, text] as const),
    ...deadlines.map(({ dueOn, what }) => [`By ${dueOn}`, what] as const),
  ];
}

function NoticeLink({
  notice,
  format,
  label,
}: {
  readonly notice: NoticeDto;
  readonly format: string;
  readonly label: string;
}) {
  const href = `${API_PREFIX}/decisions/${encodeURIComponent(notice.decisionId)}/notice?format=${format}`;
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" size="sm">
      {label}
    </Anchor>
  );
}
