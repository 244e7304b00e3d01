/** How much room texts of so many characters take while they wait. */
export function kibibytes(characters: number): number {
  return Math.ceil((characters * 2) / 1024);
}
