"""What the API of the desk takes and answers（工作台接口的格式）, one noun a module."""
