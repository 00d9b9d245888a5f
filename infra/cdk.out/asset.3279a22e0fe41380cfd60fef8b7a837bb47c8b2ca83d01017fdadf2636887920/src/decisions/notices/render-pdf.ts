import PDFDocument from 'pdfkit';
import type { Notice, NoticeSection } from './notice.ts';
import { sourceLine } from './render-html.ts';

const MARGIN = 64;
const SIZES = { title: 15, heading: 11, text: 10, small: 8 } as const;

/** A notice as PDF (A4, standard fonts); the same notice gives the same bytes. */
export async function noticePdf(notice: Notice): Promise<Buffer> {
  const info = { Title: notice.title, Author: notice.from[0] ?? '', CreationDate: new Date(`${notice.day}T00:00:00Z`) };
  const document = new PDFDocument({ size: 'A4', margin: MARGIN, info, lang: 'en', tagged: true, compress: true });
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  const text = (content: string, size: number = SIZES.text, font = 'Times-Roman') =>
    document.font(font).fontSize(size).text(inFont(content), { lineGap: 1.5 });
  for (const line of notice.from) text(line);
  document.moveDown();
  text(notice.day);
  text(notice.reference, SIZES.small);
  document.moveDown();
  text(notice.title, SIZES.title, 'Times-Bold');
  for (const section of notice.sections) writeSection(document, section, text);
  document.moveDown();
  text(sourceLine(notice), SIZES.small);
  document.end();
  await done;
  return Buffer.concat(chunks);
}

function writeSection(
  document: PDFKit.PDFDocument,
  { title, paragraphs, items = [] }: NoticeSection,
  text: (content: string, size?: number, font?: string) => void,
): void {
  document.moveDown(0.8);
  text(title, SIZES.heading, 'Times-Bold');
  for (const paragraph of paragraphs) text(paragraph);
  items.forEach((item, i) => {
    text(`${i + 1}. ${item}`);
  });
}

/** The standard fonts hold Western European letters only; others are shown as what can be read of them. */
function inFont(content: string): string {
  return content.replace(
    /[^\n\x20-\x7e\u00a0-\u00ff\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac]/g,
    (letter) => {
      const plain = letter.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
      return /^[\x20-\x7e]+$/.test(plain) ? plain : '?';
    },
  );
}
