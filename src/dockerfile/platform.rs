//! The platform variables that BuildKit sets by itself, such as `TARGETARCH`.

/// Those of a build on and for this machine's architecture; containers are Linux everywhere here.
pub(super) fn variables() -> [(&'static str, String); 10] {
    let (arch, variant) = match std::env::consts::ARCH {
        "x86_64" => ("amd64", ""),
        "x86" => ("386", ""),
        "aarch64" => ("arm64", ""),
        "arm" => ("arm", "v7"),
        "powerpc64" => ("ppc64le", ""),
        other => (other, ""),
    };
    let platform = format!("linux/{arch}{}{variant}", if variant.is_empty() { "" } else { "/" });
    [
        ("BUILDPLATFORM", platform.clone()),
        ("BUILDOS", "linux".to_owned()),
        ("BUILDOSVERSION", String::new()),
        ("BUILDARCH", arch.to_owned()),
        ("BUILDVARIANT", variant.to_owned()),
        ("TARGETPLATFORM", platform),
        ("TARGETOS", "linux".to_owned()),
        ("TARGETOSVERSION", String::new()),
        ("TARGETARCH", arch.to_owned()),
        ("TARGETVARIANT", variant.to_owned()),
    ]
}
