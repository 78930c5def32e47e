//! Attributes for tests: `#[apply(on_both_databases)]` and others for tests that need something beside the program.
//!
//! What a test needs is in the last part of its name, such as `on_postgres`. `./test` runs the tests whose need is met, and a
//! plain `cargo test` shows them as ignored.

/// Runs a test on SQLite and on PostgreSQL, as `#[apply(on_both_databases)] async fn name(app: TestApp)`. A test that needs
/// other settings takes `engine: Engine` and opens a [`TestApp`](super::TestApp) itself.
macro_rules! on_both_databases {
    ($(#[$meta:meta])* async fn $name:ident(mut $app:ident: TestApp) $(-> $output:ty)? $body:block) => {
        on_both_databases! { @app [$(#[$meta])*] $name [mut $app] [$(-> $output)?] $body }
    };
    ($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $(-> $output:ty)? $body:block) => {
        on_both_databases! { @app [$(#[$meta])*] $name [$app] [$(-> $output)?] $body }
    };
    ($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $(-> $output:ty)? $body:block) => {
        on_both_databases! {
            @tests [$(#[$meta])*] $name [$(-> $output)?] {
                #[allow(clippy::too_many_lines, reason = "a test may follow a long course of events")]
                async fn run_on($engine: Engine) $(-> $output)? $body
            }
        }
    };
    (@app [$($meta:tt)*] $name:ident [$($app:tt)*] [$($output:tt)*] $body:block) => {
        on_both_databases! { @tests [$($meta)*] $name [$($output)*] {
            #[allow(clippy::too_many_lines, reason = "a test may follow a long course of events")]
            async fn run_with($($app)*: $crate::support::TestApp) $($output)* $body

            async fn run_on(engine: $crate::support::Engine) $($output)* {
                let app = $crate::support::TestApp::new(engine).await;
                let teardown = app.teardown();
                let result = run_with(app).await;
                teardown.finish().await;
                result
            }
        } }
    };
    (@tests [$($meta:tt)*] $name:ident [$($output:tt)*] { $($run:item)* }) => {
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing from outside")]
            use super::*;

            $($run)*

            $($meta)*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() $($output)* {
                run_on($crate::support::Engine::Sqlite).await
            }

            $($meta)*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL: run ./test"]
            async fn on_postgres() $($output)* {
                run_on($crate::support::Engine::Postgres).await
            }
        }
    };
}

/// Runs a test that needs PostgreSQL, as `#[apply(on_postgres)] async fn name()`.
macro_rules! on_postgres {
    ($(#[$meta:meta])* async fn $name:ident() $body:block) => {
        mod $name {
            use super::*;

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL: run ./test"]
            async fn on_postgres() $body
        }
    };
}

/// Runs a test that reads the test material, as `#[apply(with_corpora)] fn name()`.
macro_rules! with_corpora {
    ($($test:tt)*) => {
        test_with! { with_corpora "needs the folder of test material: set DAYWIRE_CORPORA and run ./test" $($test)* }
    };
}

/// Runs a test that reads the test material and shows pages in a browser.
macro_rules! with_chromium_and_corpora {
    ($($test:tt)*) => {
        test_with! {
            with_chromium_and_corpora "needs Chromium and the folder of test material: set DAYWIRE_CORPORA and run ./test" $($test)*
        }
    };
}

/// Runs a test that shows pages in a browser, as `#[apply(with_chromium)] fn name()`.
macro_rules! with_chromium {
    ($($test:tt)*) => {
        test_with! { with_chromium "needs Chromium: install it and run ./test" $($test)* }
    };
}

/// Runs a test that drives a browser by a script of `tests/browser/`, as `#[apply(with_browser)] async fn name(engine: Engine)` on both
/// databases, or as `async fn name()` for what does not depend on the database.
macro_rules! with_browser {
    ($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block) => {
        mod $name {
            use super::*;

            async fn run_on($engine: Engine) $body

            mod with_browser {
                use super::*;

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs Chromium, Node.js and npm: install them and run ./test"]
                async fn on_sqlite() {
                    run_on(Engine::Sqlite).await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs PostgreSQL, Chromium, Node.js and npm: install them and run ./test"]
                async fn on_postgres() {
                    run_on(Engine::Postgres).await;
                }
            }
        }
    };
    ($(#[$meta:meta])* async fn $name:ident() $body:block) => {
        mod $name {
            use super::*;

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs Chromium, Node.js and npm: install them and run ./test"]
            async fn with_browser() $body
        }
    };
}

/// Runs a test that has dkimpy check signatures, as `#[apply(with_dkimpy)] fn name()`.
macro_rules! with_dkimpy {
    ($($test:tt)*) => {
        test_with! { with_dkimpy "needs Python with dkimpy and pynacl: run ./test" $($test)* }
    };
}

/// Runs a test that has systemd check a unit, as `#[apply(with_systemd)] fn name()`.
macro_rules! with_systemd {
    ($($test:tt)*) => {
        test_with! { with_systemd "needs systemd-analyze: install systemd and run ./test" $($test)* }
    };
}

/// Runs a test that has promtool check alerts or metrics, as `#[apply(with_promtool)] async fn name(app: TestApp)`.
macro_rules! with_promtool {
    ($($test:tt)*) => {
        test_with! { with_promtool "needs promtool and PostgreSQL: install Prometheus and run ./test" $($test)* }
    };
}

/// Runs a test that has the parser of Python's `prometheus_client` read metrics, as
/// `#[apply(with_openmetrics)] async fn name(app: TestApp)`.
macro_rules! with_openmetrics {
    ($($test:tt)*) => {
        test_with! { with_openmetrics "needs Python with prometheus_client, and PostgreSQL: run ./test" $($test)* }
    };
}

/// Runs a test that has schemathesis try the API on each database, as `#[apply(with_schemathesis)] async fn name(engine: Engine)`.
macro_rules! with_schemathesis {
    ($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block) => {
        mod $name {
            use super::*;

            async fn run_on($engine: Engine) $body

            mod with_schemathesis {
                use super::*;

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs Python with schemathesis: run ./test"]
                async fn on_sqlite() {
                    run_on(Engine::Sqlite).await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs PostgreSQL and Python with schemathesis: run ./test"]
                async fn on_postgres() {
                    run_on(Engine::Postgres).await;
                }
            }
        }
    };
}

/// Runs a test that starts a Postfix on each database, as `#[apply(with_postfix)] async fn name(engine: Engine)`. Postfix needs root.
macro_rules! with_postfix {
    ($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block) => {
        mod $name {
            use super::*;

            #[allow(clippy::too_many_lines, reason = "a test may follow a long course of events")]
            async fn run_on($engine: Engine) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs Postfix, as root: run ./test"]
            async fn on_sqlite_with_postfix() {
                run_on(Engine::Sqlite).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL and Postfix, as root: run ./test"]
            async fn on_postgres_with_postfix() {
                run_on(Engine::Postgres).await;
            }
        }
    };
}

/// Runs a test that starts a Dovecot: on both databases as `#[apply(with_dovecot)] async fn name(engine: Engine)`, and with a PostgreSQL
/// server of its own as `async fn name()`.
macro_rules! with_dovecot {
    ($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block) => {
        mod $name {
            use super::*;

            async fn run_on($engine: Engine) $body

            mod with_dovecot {
                use super::*;

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs Dovecot: install dovecot-imapd and run ./test"]
                async fn on_sqlite() {
                    run_on(Engine::Sqlite).await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs Dovecot and PostgreSQL: install dovecot-imapd and run ./test"]
                async fn on_postgres() {
                    run_on(Engine::Postgres).await;
                }
            }
        }
    };
    ($(#[$meta:meta])* async fn $name:ident() $body:block) => {
        mod $name {
            use super::*;

            mod with_dovecot {
                use super::*;

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs Dovecot and PostgreSQL: install dovecot-imapd and run ./test"]
                async fn on_postgres() $body
            }
        }
    };
}

macro_rules! test_with {
    ($need:ident $reason:literal $(#[$meta:meta])* fn $name:ident() $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing from outside")]
            use super::*;

            $(#[$meta])*
            #[test]
            #[ignore = $reason]
            fn $need() $body
        }
    };
    ($need:ident $reason:literal $(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block) => {
        mod $name {
            use super::*;

            async fn run_with($app: $crate::support::TestApp) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = $reason]
            async fn $need() {
                for engine in [$crate::support::Engine::Sqlite, $crate::support::Engine::Postgres] {
                    let app = $crate::support::TestApp::new(engine).await;
                    let teardown = app.teardown();
                    run_with(app).await;
                    teardown.finish().await;
                }
            }
        }
    };
}
