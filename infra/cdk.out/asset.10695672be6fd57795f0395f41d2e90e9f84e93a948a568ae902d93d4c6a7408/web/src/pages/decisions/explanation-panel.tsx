import { Panel } from '../../layout/index.ts';
import { useExplanation } from '../../queries/explanation.ts';
import { Loaded } from '../../states/index.ts';

/** The decision as it would be told to a person. */
export function ExplanationPanel({ decisionId }: { readonly decisionId: string }) {
  const explanation = useExplanation(decisionId);
  return (
    <Loaded query={explanation} subject="the explanation of this decision">
      {({ summary, paragraphs, reference }) => (
        <Panel title="In plain language" note={`Reference: ${reference}`}>
          <p>
            <strong>{summary}</strong>
          </p>
          {paragraphs.map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </Panel>
      )}
    </Loaded>
  );
}
