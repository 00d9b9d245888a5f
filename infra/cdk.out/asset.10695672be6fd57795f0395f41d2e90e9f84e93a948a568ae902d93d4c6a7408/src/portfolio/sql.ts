/** Quoting for SQL that is put together from names the portfolio declares. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
