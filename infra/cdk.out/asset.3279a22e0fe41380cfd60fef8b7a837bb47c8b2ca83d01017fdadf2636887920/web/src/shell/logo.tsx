export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" fill="#2c5f9e" />
      <path
        d="M7 24 16 7l9 17"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      <path d="M11.2 18.4h9.6" stroke="#e6b04c" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
