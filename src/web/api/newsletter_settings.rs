//! The document of a newsletter's settings in the description of the API: the keys of its file.

use std::borrow::Cow;

use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ArrayItems, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::newsletter::fields::{FIELDS, FieldKind};

/// The keys of a newsletter's file, as in docs/how-to/newsletters.md.
#[derive(Debug)]
#[expect(dead_code, reason = "only the description of the API uses the type")]
pub(super) struct NewsletterSettings(Map<String, Value>);

impl ToSchema for NewsletterSettings {
    fn name() -> Cow<'static, str> {
        "NewsletterSettings".into()
    }
}

impl PartialSchema for NewsletterSettings {
    fn schema() -> RefOr<Schema> {
        let text = "The keys of the newsletter's file, as in docs/how-to/newsletters.md. null leaves a key out";
        let mut settings = closed_object().description(Some(text));
        let mut sections: Vec<(&str, ObjectBuilder)> = Vec::new();
        for (key, kind) in FIELDS {
            match key.split_once('.') {
                None => settings = settings.property(*key, schema_of(key, *kind)),
                Some((name, below)) => {
                    let at = sections.iter().position(|(known, _)| *known == name);
                    let (_, section) = at.map_or((name, closed_object()), |at| sections.remove(at));
                    sections.push((name, section.property(below, schema_of(below, *kind))));
                }
            }
        }
        for (name, section) in sections {
            let types = SchemaType::from_iter([Type::Object, Type::Null]);
            settings = settings.property(name, section.schema_type(types));
        }
        settings.into()
    }
}

/// An object with no other members than those that are named.
fn closed_object() -> ObjectBuilder {
    ObjectBuilder::new().additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
}

fn schema_of(key: &str, kind: FieldKind) -> RefOr<Schema> {
    let or_null = |kind| ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]));
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let list = |items: ArrayItems| {
        let types = SchemaType::from_iter([Type::Array, Type::Null]);
        ArrayBuilder::new().schema_type(types).items(items).into()
    };
    match kind {
        FieldKind::Text if key == "welcome" => {
            let types = SchemaType::from_iter([Type::String, Type::Boolean, Type::Null]);
            ObjectBuilder::new().schema_type(types).into()
        }
        FieldKind::Line | FieldKind::Text => or_null(Type::String).into(),
        FieldKind::Number => or_null(Type::Number).into(),
        FieldKind::Switch => or_null(Type::Boolean).into(),
        FieldKind::Lines => list(text().into()),
        FieldKind::Numbers => {
            let number = ObjectBuilder::new().schema_type(Type::Number);
            or_null(Type::Object).additional_properties(Some(number)).into()
        }
        FieldKind::Topics => {
            let topic = closed_object()
                .property("name", text())
                .property("categories", ArrayBuilder::new().items(text()))
                .required("name");
            list(OneOfBuilder::new().item(text()).item(topic).into())
        }
    }
}
