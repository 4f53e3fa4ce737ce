//! Which files are replaced, which are written into, and which folders are refused.
#![expect(clippy::disallowed_methods, reason = "a test makes and reads its files")]
#![cfg(unix)]

use super::{FolderRefusal, check_file, check_private, create_private, remove, write_private, write_shared};
use std::fs;
use std::io::{self, Read as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn refusal(result: io::Result<()>) -> Option<FolderRefusal> {
    result.err()?.into_inner()?.downcast().ok().map(|refusal| *refusal)
}

#[test]
fn a1_only_a_regular_file_is_replaced() {
    for write in [write_private, write_shared] {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        // A new file, and an existing one, which is replaced under the same name and mode.
        write(&at("new"), "text").unwrap();
        fs::hard_link(at("new"), at("old")).unwrap();
        write(&at("new"), "other").unwrap();
        assert_eq!(
            (fs::read_to_string(at("new")).unwrap(), fs::read_to_string(at("old")).unwrap()),
            ("other".into(), "text".into())
        );
        // A link stays a link, and its target is written.
        symlink("new", at("link")).unwrap();
        write(&at("link"), "by a link").unwrap();
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(at("new")).unwrap(), "by a link");
        // Devices, directly and through links.
        symlink("/dev/null", at("null")).unwrap();
        for path in ["/dev/null".into(), at("null")] {
            write(&path, "text").unwrap();
            remove(&path).unwrap();
            assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
            assert!(fs::symlink_metadata(&path).is_ok(), "{}", path.display());
        }
        // Pipes, as in a shell's process substitution.
        let (mut reader, writer) = io::pipe().unwrap();
        for path in [format!("/dev/fd/{}", writer.as_raw_fd()), format!("/proc/self/fd/{}", writer.as_raw_fd())] {
            if Path::new(&path).exists() {
                write(Path::new(&path), "text").unwrap();
                let mut text = [0; 4];
                reader.read_exact(&mut text).unwrap();
                assert_eq!(&text, b"text");
            }
        }
        symlink("nowhere", at("dangling")).unwrap();
        assert!(write(&at("dangling"), "text").unwrap_err().to_string().contains("does not exist"));
        assert!(!at("nowhere").exists());
        fs::create_dir(at("folder")).unwrap();
        symlink("folder", at("to-folder")).unwrap();
        for name in ["folder", "to-folder"] {
            assert_eq!(write(&at(name), "text").unwrap_err().kind(), io::ErrorKind::IsADirectory, "{name}");
        }
    }
}

#[test]
fn what_is_private_stays_so_behind_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "a longer text").unwrap();
    set_mode(&file, 0o644);
    symlink(&file, &link).unwrap();
    write_private(&link, "text").unwrap();
    assert_eq!((fs::read_to_string(&file).unwrap().as_str(), mode(&file)), ("text", 0o600));
}

#[test]
fn our_folders_are_the_users_alone() {
    let home = tempfile::tempdir().unwrap();
    let base = home.path().join(".config/kubectl-bootstrap-token");
    let grants = base.join("grants");
    check_private(&grants).unwrap();
    create_private(&grants).unwrap();
    assert_eq!((mode(&base), mode(&grants)), (0o700, 0o700));
    // Readable by others, which is corrected; writable by others, which is refused.
    for (path, bits) in [(&base, 0o755), (&grants, 0o750), (&grants, 0o711)] {
        set_mode(path, bits);
        check_private(&grants).unwrap();
        assert_eq!(mode(path), 0o700);
    }
    for (path, bits) in [(&base, 0o777), (&grants, 0o702), (&grants, 0o1777)] {
        set_mode(path, bits);
        for found in [check_private(&grants), create_private(&grants), check_file(&grants.join("a.yaml"))] {
            assert_eq!(refusal(found), Some(FolderRefusal::Writable { path: path.clone() }), "{bits:o}");
        }
        set_mode(path, 0o700);
    }
    let file = grants.join("a.yaml");
    check_file(&file).unwrap();
    fs::write(&file, "").unwrap();
    set_mode(&file, 0o644);
    check_file(&file).unwrap();
    set_mode(&file, 0o646);
    assert_eq!(refusal(check_file(&file)), Some(FolderRefusal::Writable { path: file.clone() }));
    // A link to a folder is judged by its target.
    let linked = home.path().join("linked");
    symlink(&base, &linked).unwrap();
    check_private(&linked).unwrap();
}

/// Only root can change the owner of a file.
#[test]
fn what_is_another_users_is_refused() {
    let home = tempfile::tempdir().unwrap();
    if super::folder::user().unwrap() != 0 {
        return;
    }
    let foreign = |path: &Path| Some(FolderRefusal::Foreign { path: path.to_owned(), owner: 4242, user: 0 });
    let give = |path: &PathBuf| chown(path, Some(4242), Some(4242)).unwrap();
    let base = home.path().join("kubectl-bootstrap-token");
    let grants = base.join("grants");
    // A home of another user, without any folder of the plugin.
    chown(home.path(), Some(4242), None).unwrap();
    assert_eq!(refusal(create_private(&grants)), foreign(home.path()));
    assert!(!base.exists());
    chown(home.path(), Some(0), None).unwrap();
    create_private(&grants).unwrap();
    let file = grants.join("a.yaml");
    fs::write(&file, "").unwrap();
    for path in [&file, &grants, &base] {
        give(path);
        assert_eq!(refusal(check_file(&file)), foreign(path));
        chown(path, Some(0), Some(0)).unwrap();
    }
    check_file(&file).unwrap();
    // A link and a pipe that another user placed at the path to write.
    let link = home.path().join("link");
    symlink(&file, &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(4242), None).unwrap();
    assert_eq!(refusal(write_private(&link, "text")), foreign(&link));
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}
