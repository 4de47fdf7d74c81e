# Installs a release of grader on Windows: install.ps1 [-Version 0.1.0] [-To DIR]. The archive's SHA-256 is checked.
param([string]$Version = "latest", [string]$To = "$env:LOCALAPPDATA\grader\bin")

# In a scope of its own, so that nothing stays behind in the session of who pipes this to iex.
& {
  param([string]$Version, [string]$To)
  $ErrorActionPreference = "Stop"
  $ProgressPreference = "SilentlyContinue" # drawing it makes downloads slow

  if ($env:OS -ne "Windows_NT") { throw "This is for Windows; elsewhere use install.sh." }
  if ($Version -notmatch '^(latest|v?[0-9][0-9A-Za-z.+-]*)$') {
    throw "'$Version' is no version: give one such as 0.1.0, or latest."
  }
  $downloads = "https://github.com/OWNER/grader/releases"
  if ($env:GRADER_DOWNLOADS) { $downloads = $env:GRADER_DOWNLOADS }
  $from = "$downloads/latest/download"
  if ($Version -ne "latest") { $from = "$downloads/download/v" + $Version.TrimStart("v") }
  $archive = "grader-x86_64-pc-windows-msvc.tar.gz" # Windows on ARM runs it too

  # Windows PowerShell 5.1 may not offer TLS 1.2 by itself.
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

  $temporary = Join-Path ([IO.Path]::GetTempPath()) ("grader-" + [Guid]::NewGuid().ToString())
  $out = Join-Path $temporary "out"
  New-Item -ItemType Directory -Path $out | Out-Null
  try {
    foreach ($file in @($archive, "SHA256SUMS")) {
      Invoke-WebRequest -UseBasicParsing -Uri "$from/$file" -OutFile (Join-Path $temporary $file)
    }
    $pattern = '^[0-9a-f]{64} [ *]' + [Regex]::Escape($archive) + '$'
    $lines = @(Get-Content (Join-Path $temporary "SHA256SUMS") | Where-Object { $_ -match $pattern })
    if ($lines.Count -ne 1) { throw "SHA256SUMS does not name $archive." }
    $expected = $lines[0].Substring(0, 64)
    $found = (Get-FileHash -Algorithm SHA256 -Path (Join-Path $temporary $archive)).Hash
    if ($found -ne $expected) { throw "$archive is not what SHA256SUMS says: nothing was installed." }

    # Windows' own tar: the one of Git takes C: for the name of a machine.
    & "$env:SystemRoot\System32\tar.exe" -xzf (Join-Path $temporary $archive) -C $out
    if ($LASTEXITCODE -ne 0) { throw "$archive cannot be unpacked: nothing was installed." }
    $program = Get-ChildItem -Path $out -Recurse -Filter "grader.exe" | Select-Object -First 1
    if (-not $program) { throw "$archive holds no grader: nothing was installed." }
    $installed = & $program.FullName --version
    if ($LASTEXITCODE -ne 0) { throw "this grader does not run here: nothing was installed." }
    New-Item -ItemType Directory -Force -Path $To | Out-Null
    Move-Item -Force -Path $program.FullName -Destination (Join-Path $To "grader.exe")
    Write-Host "$installed is in $To"
    if (";$env:PATH;" -notlike "*;$To;*") { Write-Host "Add that folder to PATH, so that your shell finds it." }
  } finally {
    Remove-Item -Recurse -Force -Path $temporary
  }
} $Version $To
