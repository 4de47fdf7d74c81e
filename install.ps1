# Installs a release of grader on Windows: .\install.ps1 [-Version 0.1.0] [-To DIR]. The archive's SHA-256 is checked.
param([string]$Version = "latest", [string]$To = "$env:LOCALAPPDATA\grader\bin")
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"

if ($Version -notmatch '^[0-9A-Za-z.-]+$') { throw "``$Version`` is no version." }
$downloads = if ($env:GRADER_DOWNLOADS) { $env:GRADER_DOWNLOADS } else { "https://github.com/OWNER/grader/releases" }
$from = if ($Version -eq "latest") { "$downloads/latest/download" } else { "$downloads/download/v$($Version.TrimStart('v'))" }
$archive = "grader-x86_64-pc-windows-msvc.tar.gz"

$temporary = New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid()))
try {
  foreach ($file in $archive, "SHA256SUMS") { Invoke-WebRequest "$from/$file" -OutFile (Join-Path $temporary $file) }
  $line = Get-Content (Join-Path $temporary "SHA256SUMS") | Where-Object { $_ -match "^([0-9a-f]{64}) [ *]$([Regex]::Escape($archive))$" }
  if (-not $line) { throw "SHA256SUMS does not name $archive." }
  $found = (Get-FileHash (Join-Path $temporary $archive) -Algorithm SHA256).Hash.ToLower()
  if ($found -ne $line.Substring(0, 64)) { throw "$archive is not what SHA256SUMS says: nothing was installed." }
  New-Item -ItemType Directory -Force -Path $To | Out-Null
  tar -xzf (Join-Path $temporary $archive) -C $To
  Write-Host "grader is in $To"
} finally {
  Remove-Item -Recurse -Force $temporary
}
