// DatabaseMetaData by all its methods, ResultSetMetaData and ParameterMetaData.

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.postgresql.PGResultSetMetaData;

final class Metadata {
  private static final int MANY = 60;

  private Metadata() {}

  // A result of DatabaseMetaData: its columns, and its rows in order; of many rows their number and a digest.
  static Object table(ResultSet set) throws Exception {
    ResultSetMetaData about = set.getMetaData();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= about.getColumnCount(); i++) names.add(about.getColumnName(i) + " " + about.getColumnTypeName(i));
    List<String> found = new ArrayList<>();
    while (set.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= about.getColumnCount(); i++) row.add(set.getString(i));
      found.add(row.toString());
    }
    set.close();
    found.sort(null);
    if (found.size() > MANY) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String row : found) digest.update(row.getBytes(StandardCharsets.UTF_8));
      return List.of(names, found.size(), HexFormat.of().formatHex(digest.digest()));
    }
    return List.of(names, found);
  }

  interface Asked {
    ResultSet of(DatabaseMetaData about) throws SQLException;
  }

  static void databaseMetaData(Connection connection) throws Exception {
    DatabaseMetaData about = connection.getMetaData();
    Steps.step("properties", () -> {
      Map<String, Object> found = new TreeMap<>();
      for (var method : DatabaseMetaData.class.getMethods()) {
        Class<?> type = method.getReturnType();
        boolean plain = type.isPrimitive() || type == String.class || type.isEnum();
        if (method.getParameterCount() == 0 && plain && !method.getName().equals("getDatabaseProductVersion")) {
          found.put(method.getName(), method.invoke(about));
        }
      }
      return found;
    });
    Steps.step("version", () -> about.getDatabaseProductVersion().split("\\.")[0]);
    Map<String, Asked> asked = new LinkedHashMap<>();
    asked.put("getAttributes", m -> m.getAttributes(null, null, null, null));
    asked.put("getBestRowIdentifier", m -> m.getBestRowIdentifier(null, "public", "readings", DatabaseMetaData.bestRowSession, false));
    asked.put("getCatalogs", DatabaseMetaData::getCatalogs);
    asked.put("getClientInfoProperties", DatabaseMetaData::getClientInfoProperties);
    asked.put("getColumnPrivileges", m -> m.getColumnPrivileges(null, "public", "devices", "%"));
    asked.put("getColumns of a schema", m -> m.getColumns(null, "public", "%", "%"));
    asked.put("getColumns of a table", m -> m.getColumns(null, "public", "readings", null));
    asked.put("getColumns of a view", m -> m.getColumns(null, null, "hourly", "%"));
    asked.put("getColumns, odd names", m -> m.getColumns(null, "plant", "Odd names", "%"));
    asked.put("getColumns of the system", m -> m.getColumns(null, "pg_catalog", "pg_class", "rel%"));
    asked.put("getCrossReference", m -> m.getCrossReference(null, "public", "devices", null, "public", "readings"));
    asked.put("getExportedKeys", m -> m.getExportedKeys(null, "public", "devices"));
    asked.put("getImportedKeys", m -> m.getImportedKeys(null, "public", "readings"));
    asked.put("getFunctions", m -> m.getFunctions(null, "pg_catalog", "date_trunc"));
    asked.put("getFunctions of the database", m -> m.getFunctions(null, "public", "%"));
    asked.put("getFunctionColumns", m -> m.getFunctionColumns(null, "pg_catalog", "generate_series", "%"));
    asked.put("getIndexInfo", m -> m.getIndexInfo(null, "public", "readings", false, true));
    asked.put("getPrimaryKeys", m -> m.getPrimaryKeys(null, "public", "readings"));
    asked.put("getProcedures", m -> m.getProcedures(null, null, "%"));
    asked.put("getProcedureColumns", m -> m.getProcedureColumns(null, "public", "%", "%"));
    asked.put("getPseudoColumns", m -> m.getPseudoColumns(null, null, "%", "%"));
    asked.put("getSchemas", DatabaseMetaData::getSchemas);
    asked.put("getSchemas by pattern", m -> m.getSchemas(null, "p%"));
    asked.put("getSuperTables", m -> m.getSuperTables(null, null, "%"));
    asked.put("getSuperTypes", m -> m.getSuperTypes(null, null, "%"));
    asked.put("getTablePrivileges", m -> m.getTablePrivileges(null, "public", "%"));
    asked.put("getTables", m -> m.getTables(null, "public", "%", null));
    asked.put("getTables everywhere", m -> m.getTables(null, null, "%", new String[] {"TABLE", "VIEW"}));
    asked.put("getTables of the system", m -> m.getTables(null, "pg_catalog", "%", new String[] {"SYSTEM TABLE", "SYSTEM VIEW"}));
    asked.put("getTables of every type", m -> m.getTables("fedgate", null, "%s", null));
    asked.put("getTableTypes", DatabaseMetaData::getTableTypes);
    asked.put("getTypeInfo", DatabaseMetaData::getTypeInfo);
    asked.put("getUDTs", m -> m.getUDTs(null, null, "%", null));
    asked.put("getVersionColumns", m -> m.getVersionColumns(null, "public", "readings"));
    asked.forEach((name, one) -> Steps.step(name, () -> table(one.of(about))));
    Steps.step("getRowIdLifetime", () -> about.getRowIdLifetime().toString());
    Steps.step("supportsConvert", () -> List.of(about.supportsConvert(Types.INTEGER, Types.VARCHAR), about.supportsTransactionIsolationLevel(8)));
  }

  static List<Object> described(ResultSetMetaData m) throws SQLException {
    List<Object> found = new ArrayList<>();
    PGResultSetMetaData own = m.unwrap(PGResultSetMetaData.class);
    for (int i = 1; i <= m.getColumnCount(); i++) {
      Map<String, Object> column = new LinkedHashMap<>();
      column.put("label", m.getColumnLabel(i));
      column.put("type", m.getColumnType(i) + " " + m.getColumnTypeName(i) + " " + m.getColumnClassName(i));
      column.put("size", List.of(m.getPrecision(i), m.getScale(i), m.getColumnDisplaySize(i)));
      column.put("is", List.of(m.isNullable(i), m.isAutoIncrement(i), m.isSigned(i), m.isCaseSensitive(i), m.isCurrency(i), m.isSearchable(i)));
      column.put("from", m.getSchemaName(i) + "." + m.getTableName(i) + " " + m.getColumnName(i));
      column.put("base", own.getBaseSchemaName(i) + "." + own.getBaseTableName(i) + "." + own.getBaseColumnName(i) + " " + own.getFormat(i));
      found.add(column);
    }
    return found;
  }

  static void resultMetaData(Connection connection) {
    for (String text : List.of("select * from readings", "select * from kinds", "select * from plant.\"Odd names\"",
        "select h.site as place, temp, 1 + 1 as two, count(*) over () from hourly h", "select oid, relname, reltuples from pg_class")) {
      Steps.step("described: " + text, () -> {
        try (PreparedStatement statement = connection.prepareStatement(text + " limit 0")) {
          return List.of(described(statement.getMetaData()), described(statement.executeQuery().getMetaData()));
        }
      });
    }
    Steps.step("parameters described", () -> {
      try (PreparedStatement s = connection.prepareStatement("select * from readings where site = ? and device > ? and ts between ? and ? limit ?")) {
        ParameterMetaData m = s.getParameterMetaData();
        List<String> found = new ArrayList<>();
        for (int i = 1; i <= m.getParameterCount(); i++) found.add(m.getParameterTypeName(i) + " " + m.getParameterClassName(i) + " " + m.getParameterMode(i));
        return found;
      }
    });
  }
}
